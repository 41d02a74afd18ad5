package tflite

import (
	"fmt"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

// imageName is the name of the graph's input.
const imageName = "image"

// input emits the photo and its normalisation, up to the file's own input.
func (im *importer) input(opt Options) error {
	index := im.inputs[0]
	info := &im.tensors[index]
	s := tensor.Shape(info.shape)
	if len(s) != 4 || s[0] != 1 || s[3] != 3 {
		return fmt.Errorf("the input has shape %v, want 1×height×width×3: one RGB photo", s)
	}
	m := im.model
	m.Height, m.Width = s[1], s[2]
	pixels := im.b.Input(imageName, tensor.Type{DType: tensor.UInt8, Shape: s.Clone()})
	if im.isQuantized(index) {
		return im.quantizedInput(index, pixels)
	}
	if info.kind != typeFloat32 {
		return fmt.Errorf("the input is %v, want float32, uint8 or int8", info.kind)
	}
	mean, std, source := floatNormalization(im.metadata, opt)
	m.Mean, m.Std, m.NormalizationSource = mean, std, source
	im.values[index] = im.b.Apply(graph.OpNormalize, "input", graph.Normalize{Mean: mean[:], Std: std[:]}, pixels)
	return im.b.Err()
}

// quantizedInput says what feeding pixels as they are means: the stored value is
// the pixel, less 128 where the type is signed.
func (im *importer) quantizedInput(index int, pixels graph.ID) error {
	q, err := im.tensors[index].quantization()
	if err != nil {
		return err
	}
	if q == nil || !q.IsPerTensor() {
		return fmt.Errorf("the %v input has no quantization", im.tensors[index].kind)
	}
	m := im.model
	for c := range 3 {
		m.Mean[c], m.Std[c] = float32(128+q.ZeroPoint[0]), 1/q.Scale[0]
	}
	m.NormalizationSource = FromQuantization
	real := im.b.Apply(graph.OpNormalize, "normalised", graph.Normalize{Mean: m.Mean[:], Std: m.Std[:]}, pixels)
	im.values[index] = im.b.Apply(graph.OpQuantize, "input", graph.QuantizedTo(q.Scale[0], q.ZeroPoint[0]), real)
	return im.b.Err()
}

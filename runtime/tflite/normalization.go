package tflite

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

// Options is what the caller knows better than the file.
type Options struct {
	// Mean and Std normalise the pixels, 0 to 255, for a network with float input:
	// one number for all channels or one for each. What is nil comes from the
	// file, or is assumed. A quantized input says itself what its values mean:
	// they are refused there.
	Mean, Std []float32
}

// Source says where a normalization comes from.
type Source string

// The sources.
const (
	FromQuantization Source = "quantization" // a quantized input is fed with the pixels themselves
	FromMetadata     Source = "metadata"     // of the file
	FromOption       Source = "option"       // of the caller
	Assumed          Source = "assumed"      // nobody says: pixels become −1 to 1
)

// assumed is the mean and the standard deviation that most networks with float
// input are trained with.
const assumed = 127.5

// addInput declares the image and normalises it.
func (im *importer) addInput(m *Model, opt Options) error {
	if len(im.inputs) != 1 {
		return fmt.Errorf("has %d inputs, only models of one image can be imported", len(im.inputs))
	}
	index := im.inputs[0]
	info := &im.tensors[index]
	shape := info.shape
	if len(shape) != 4 || shape[3] != 1 && shape[3] != 3 || shape[1] < 1 || shape[2] < 1 {
		return fmt.Errorf("input %.64q has shape %v, want 1×height×width×3, or 1 channel", info.name, shape)
	}
	m.Height, m.Width = shape[1], shape[2]
	image := im.Input(imageInput, tensor.Type{DType: tensor.UInt8, Shape: tensor.Shape{1, shape[1], shape[2], shape[3]}})
	err := im.Err()
	if err != nil {
		return fmt.Errorf("input %.64q: %w", info.name, err)
	}
	if info.kind.quantized() {
		im.values[index], err = im.quantizedInput(m, opt, info, image)
	} else {
		im.values[index], err = im.floatInput(m, opt, info, image)
	}
	if err == nil {
		err = im.Err()
	}
	if err != nil {
		return fmt.Errorf("input %.64q: %w", info.name, err)
	}
	return nil
}

// quantizedInput makes the stored values the pixels, less 128 in int8, whatever
// real numbers they stand for: that is how such networks are fed.
func (im *importer) quantizedInput(m *Model, opt Options, info *tensorInfo, image graph.ID) (graph.ID, error) {
	if opt.Mean != nil || opt.Std != nil {
		return graph.None, errors.New("is quantized, which fixes mean and standard deviation: leave them out")
	}
	q, err := info.perTensor()
	if err != nil {
		return graph.None, err
	}
	// Within these bounds pixels are exact; no image comes near them.
	if scale := q.Scale[0]; scale < 0x1p-100 || scale > 0x1p100 {
		return graph.None, fmt.Errorf("scale %v is out of range", scale)
	}
	mean, std := float32(128+q.ZeroPoint[0]), 1/q.Scale[0]
	if err := m.setNormalization(FromQuantization, []float32{mean}, []float32{std}); err != nil {
		return graph.None, err
	}
	real := im.normalized(m, info.shortName()+"/real", image)
	return im.Apply(graph.OpQuantize, info.shortName(), quantizedTo(q, unlimited), real), nil
}

func (im *importer) floatInput(m *Model, opt Options, info *tensorInfo, image graph.ID) (graph.ID, error) {
	if info.kind != typeFloat32 {
		return graph.None, fmt.Errorf("is %v, want float32, int8 or uint8", info.kind)
	}
	if err := im.chooseNormalization(m, opt); err != nil {
		return graph.None, err
	}
	return im.normalized(m, info.shortName(), image), nil
}

func (im *importer) chooseNormalization(m *Model, opt Options) error {
	mean, std := readNormalization(im.metadata)
	// Metadata that make no sense do not matter: they are not the network.
	if err := m.setNormalization(FromMetadata, mean, std); err != nil {
		mean, std = []float32{assumed}, []float32{assumed}
		if err := m.setNormalization(Assumed, mean, std); err != nil {
			return err
		}
	}
	if opt.Mean == nil && opt.Std == nil {
		return nil
	}
	if opt.Mean != nil {
		mean = opt.Mean
	}
	if opt.Std != nil {
		std = opt.Std
	}
	return m.setNormalization(FromOption, mean, std)
}

// setNormalization sets the numbers of all three channels from one or three.
func (m *Model) setNormalization(source Source, mean, std []float32) error {
	for _, values := range [][]float32{mean, std} {
		if len(values) != 1 && len(values) != 3 {
			return fmt.Errorf("%d numbers to normalise 3 channels", len(values))
		}
	}
	for c := range m.Mean {
		m.Mean[c], m.Std[c] = mean[c%len(mean)], std[c%len(std)]
	}
	finite := func(v float32) bool { return !math.IsNaN(float64(v)) && !math.IsInf(float64(v), 0) }
	for c := range m.Mean {
		if !finite(m.Mean[c]) || !finite(m.Std[c]) || m.Std[c] <= 0 {
			return fmt.Errorf("mean %v and standard deviation %v: want finite numbers, the second above 0", m.Mean[c], m.Std[c])
		}
	}
	m.NormalizationSource = source
	return nil
}

func (im *importer) normalized(m *Model, name string, image graph.ID) graph.ID {
	channels := im.Shape(image)[3]
	at := graph.Normalize{Mean: slices.Clone(m.Mean[:channels]), Std: slices.Clone(m.Std[:channels])}
	return im.Apply(graph.OpNormalize, name, at, image)
}

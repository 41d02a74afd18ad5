package onnx

import (
	"encoding/json"
	"errors"
	"fmt"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/onnx/export"
	"megl-edge/runtime/onnx/proto"
	"megl-edge/runtime/tensor"
	"megl-edge/runtime/vision"
)

// ImageOptions of an import as an image classifier. The zero value is ready to
// use.
type ImageOptions struct {
	// Mean and Std normalise pixels of 0 to 255, one number or one for each
	// channel; nil means what the file says, or those of ImageNet.
	Mean, Std    []float32
	ExternalData string // as in Options
}

// Classifier is an imported image classifier.
type Classifier struct {
	// Graph has the input "image", uint8 [1 × Height × Width × 3] (or 1 channel),
	// and the output "output": one score for each class.
	Graph         *graph.Graph
	Labels        []string // nil where the file has none
	Width, Height int
	Mean, Std     [3]float32
	Source        NormalizationSource
	// Preprocess and TargetLayer are what a model of ours said when it was
	// exported; nil and empty for others.
	Preprocess  *vision.Preprocess
	TargetLayer string
	// Ignored are the names of outputs that are no class scores.
	Ignored []string
}

// NormalizationSource says where mean and standard deviation come from.
type NormalizationSource int

// The sources, the surest last.
const (
	Assumed NormalizationSource = iota
	FromMetadata
	FromOption
	Unneeded // the model takes pixels
)

// The names of the graph's input and output.
const (
	imageInput  = "image"
	scoreOutput = "output"
)

// What networks trained on ImageNet with PyTorch are fed, in units of 0 to 255.
var (
	imageNetMean = []float32{123.675, 116.28, 103.53}
	imageNetStd  = []float32{58.395, 57.12, 57.375}
)

// ImportImage reads an ONNX file as a classifier of one image, which comes as
// [1 × channels × height × width] or [1 × height × width × channels].
func ImportImage(data []byte, opt ImageOptions) (*Classifier, error) {
	m, err := proto.Parse(data)
	if err != nil {
		return nil, err
	}
	c := &Classifier{}
	c.readMetadata(m)
	if err := c.chooseNormalization(opt); err != nil {
		return nil, err
	}
	im, err := importModel(m, Options{ExternalData: opt.ExternalData}, len(data), c.addImage)
	if err != nil {
		return nil, err
	}
	if c.Width == 0 {
		return nil, errors.New("has no input; want one image")
	}
	if err := guarded(func() error { return c.addScores(im, m.Graph.Outputs) }); err != nil {
		return nil, err
	}
	c.Graph, err = im.finish(&m.Graph)
	return c, err
}

// readMetadata reads what our own export wrote; what others wrote under the same
// names is taken where it has that form.
func (c *Classifier) readMetadata(m *proto.Model) {
	for _, e := range m.Metadata {
		switch e.Key {
		case export.KeyLabels:
			if err := json.Unmarshal([]byte(e.Value), &c.Labels); err != nil {
				c.Labels = nil
			}
		case export.KeyPreprocess:
			if p, err := vision.ParsePreprocess([]byte(e.Value)); err == nil {
				c.Preprocess = &p
			}
		case export.KeyTargetLayer:
			c.TargetLayer = e.Value
		}
	}
}

func (c *Classifier) chooseNormalization(opt ImageOptions) error {
	mean, std := imageNetMean, imageNetStd
	if p := c.Preprocess; p != nil {
		mean, std, c.Source = p.Mean[:], p.Std[:], FromMetadata
	}
	if opt.Mean != nil {
		mean, c.Source = opt.Mean, FromOption
	}
	if opt.Std != nil {
		std, c.Source = opt.Std, FromOption
	}
	for _, numbers := range [][]float32{mean, std} {
		if len(numbers) != 1 && len(numbers) != 3 {
			return fmt.Errorf("%d numbers to normalise 3 channels; give 1 or 3", len(numbers))
		}
	}
	for i := range c.Mean {
		c.Mean[i], c.Std[i] = mean[i%len(mean)], std[i%len(std)]
	}
	return nil
}

// addImage declares the image, as pixels, for the one input of the file.
func (c *Classifier) addImage(im *importer, v *proto.Value) error {
	t, err := im.inputType(v)
	if err != nil {
		return fmt.Errorf("input %.64q: %w", v.Name, err)
	}
	if c.Width != 0 && len(im.sources) > 0 {
		return fmt.Errorf("has more than one input; only models of one image can be imported")
	}
	shape, first := t.Shape, false // channels first
	if len(shape) == 4 && (shape[1] == 3 || shape[1] == 1) && shape[3] != 3 {
		first = true
		shape = tensor.Shape{shape[0], shape[2], shape[3], shape[1]}
	}
	if len(shape) != 4 || shape[0] != 1 || shape[3] != 1 && shape[3] != 3 || shape[1] < 1 || shape[2] < 1 {
		return fmt.Errorf("input %.64q has shape %v; want one image, 1×3×height×width or 1×height×width×3", v.Name, t.Shape)
	}
	c.Height, c.Width = shape[1], shape[2]
	image := im.Input(imageInput, tensor.Type{DType: tensor.UInt8, Shape: shape})
	im.sources[image] = v.Name
	im.name = v.Name
	switch t.DType {
	case tensor.Float32:
		channels := shape[3]
		image = im.Apply(graph.OpNormalize, v.Name, graph.Normalize{Mean: c.Mean[:channels], Std: c.Std[:channels]}, image)
	case tensor.UInt8:
		c.Source = Unneeded
		c.Mean, c.Std = [3]float32{}, [3]float32{1, 1, 1}
	default:
		return fmt.Errorf("input %.64q is %v; want float32, or uint8 pixels", v.Name, t.DType)
	}
	order := []int(nil)
	if first {
		order = channelsLast(4)
	}
	im.values[v.Name] = value{id: image, order: order}
	return im.Err()
}

// addScores declares the output of one number for each class: the first that has
// that form.
func (c *Classifier) addScores(im *importer, outputs []proto.Value) error {
	found := false
	var shapes []string
	for _, o := range outputs {
		v, ok := im.values[o.Name]
		if !ok {
			return fmt.Errorf("output %.64q is computed by no node", o.Name)
		}
		shape := im.shape(v)
		shapes = append(shapes, shape.String())
		isScores := len(shape) > 0 && shape[0] == 1 && (len(shape) > 1 && shape[1] == shape.Elements() || shape[len(shape)-1] == shape.Elements())
		if found || !isScores || im.dtype(v) != tensor.Float32 && im.Type(v.id).Quant == nil {
			c.Ignored = append(c.Ignored, o.Name)
			continue
		}
		found = true
		v = im.reshape(v, tensor.Shape{1, shape.Elements()})
		im.Output(scoreOutput, im.arranged(v, []int{0, 1}))
	}
	if !found {
		return fmt.Errorf("has outputs of shape %v; only classification models, with a result of 1×classes, can be imported", shapes)
	}
	return im.Err()
}

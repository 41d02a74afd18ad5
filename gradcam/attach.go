package gradcam

import (
	"errors"
	"fmt"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/model"
	"megl-edge/runtime/tensor"
)

// ErrNoTargetLayer says that a network has no layer that keeps positions: there
// is nothing to draw a map of.
var ErrNoTargetLayer = errors.New("no layer before the classifier keeps positions: a heat map needs one")

// epsilon keeps the normalisation of an even map finite (MEGL, "Visual
// explanation").
const epsilon = 1e-7

// Attach returns g with the outputs of a model that explains itself (see package
// model), its heat map by Grad-CAM
// (Selvaraju et al., 2017; MEGL, arXiv 2411.13053):
//
//	α_k = mean over positions of ∂score/∂A_k,  map = relu(Σ_k α_k·A_k)
//
// normalised per image to (map − min)/(max − min + 1e-7). The score is the logit
// of one class before the softmax; A is the target layer, by name, or chosen by
// [TargetLayer] where the name is empty. On a quantized graph A is read
// dequantized, and the rest of the forward pass stays as it is.
//
// g has one output: class scores, before or after a softmax. The name of the
// target layer is returned for the model file.
func Attach(g *graph.Graph, target string) (*graph.Graph, string, error) {
	return AttachWith(g, target, GradCAM)
}

// AttachWith is [Attach] with another method.
func AttachWith(g *graph.Graph, target string, method Method) (*graph.Graph, string, error) {
	t, err := method.technique()
	if err != nil {
		return nil, "", err
	}
	if n := len(g.Outputs()); n != 1 {
		return nil, "", fmt.Errorf("the network has %d outputs, want one: class scores", n)
	}
	logits := findLogits(g, g.Outputs()[0].Node)
	at, err := findTarget(g, logits, target)
	if err != nil {
		return nil, "", err
	}
	if err := t.check(g, logits, at); err != nil {
		return nil, "", err
	}
	b := graph.Extend(g)
	name := g.Node(at.layer).Name
	b.ClearOutputs()
	attachScores(b, logits)
	attachMap(b, logits, at, t)
	explained, err := b.Build()
	if err != nil {
		return nil, "", fmt.Errorf("heat map of layer %q: %w", name, err)
	}
	explained, err = graph.Simplify(explained)
	return explained, name, err
}

// AttachScores returns g with the scores and probabilities only, for
// a network that cannot be explained.
func AttachScores(g *graph.Graph) (*graph.Graph, error) {
	b := graph.Extend(g)
	b.ClearOutputs()
	attachScores(b, findLogits(g, g.Outputs()[0].Node))
	scored, err := b.Build()
	if err != nil {
		return nil, err
	}
	return graph.Simplify(scored)
}

// findLogits walks back from the result to the input of the softmax, or to the
// result itself where there is none.
func findLogits(g *graph.Graph, output graph.ID) graph.ID {
	for id := output; ; {
		n := g.Node(id)
		switch n.Op {
		case graph.OpSoftmax:
			return n.Inputs[0]
		case graph.OpQuantize, graph.OpDequantize, graph.OpReshape, graph.OpQuantUnary:
			id = n.Inputs[0]
		default:
			return output
		}
	}
}

// matrix returns the real values of a node as [N × classes].
func matrix(b *graph.Builder, id graph.ID) graph.ID {
	real := b.Real(id)
	shape := b.Shape(real)
	if len(shape) == 0 {
		return b.Reshape(real, tensor.Shape{1, 1})
	}
	n := shape[0]
	if len(shape) == 1 {
		n = 1
	}
	return b.Reshape(real, tensor.Shape{n, shape.Elements() / max(1, n)})
}

func attachScores(b *graph.Builder, logits graph.ID) {
	scores := matrix(b, logits)
	b.Output(model.LogitsOutput, scores)
	b.Output(model.ProbabilitiesOutput, b.Apply(graph.OpSoftmax, model.ProbabilitiesOutput, nil, scores))
}

func attachMap(b *graph.Builder, logits graph.ID, at positions, t technique) {
	scores := matrix(b, logits)
	shape := b.Shape(scores)
	if b.Err() != nil {
		return
	}
	class := explainedClass(b, scores, shape[0])
	b.Output(model.ClassOutput, class)
	if b.Err() == nil {
		newHead(b, at, logits, scores, class).attachMap(t)
	}
}

// explainedClass returns the class asked for, or the most likely one.
func explainedClass(b *graph.Builder, scores graph.ID, batch int) graph.ID {
	asked := b.Input(model.ClassInput, tensor.Type{DType: tensor.Int32, Shape: tensor.Shape{batch}})
	return orLikely(b, model.ClassOutput, scores, asked)
}

// orLikely returns the given classes, the most likely one where that is negative.
func orLikely(b *graph.Builder, name string, scores, asked graph.ID) graph.ID {
	automatic := b.Apply(graph.OpGreater, "", nil, b.Constant("no_class", tensor.Scalar[int32](0)), asked)
	likely := b.Apply(graph.OpArgMax, "", nil, scores)
	return b.Apply(graph.OpSelect, name, nil, automatic, likely, asked)
}

// beforeRounding returns the real result of the layer that computes the logits,
// before it is rounded and limited to int8. A logit at the end of the int8 range
// would have no slope, although it still depends on the image. Only the slope
// of this value is ever used.
func beforeRounding(b *graph.Builder, logits graph.ID) graph.ID {
	id := logits
	for b.Node(id).Op == graph.OpReshape || b.Node(id).Op == graph.OpDequantize {
		id = b.Node(id).Inputs[0]
	}
	layer := *b.Node(id)
	if layer.Op != graph.OpQuantLinear && layer.Op != graph.OpQuantConv {
		return logits
	}
	inputs := make([]graph.ID, len(layer.Inputs))
	for i, in := range layer.Inputs {
		inputs[i] = b.Real(in)
	}
	limited, _ := b.Decompose(&layer, inputs)
	if b.Err() != nil {
		return logits
	}
	return b.Node(limited).Inputs[0]
}

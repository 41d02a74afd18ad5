package qdq

import (
	"math"
	"slices"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

// weights returns the int8 constant that id dequantizes, if an int8 layer takes
// it as it is.
func (f *fuser) weights(id graph.ID) (w graph.ID, why string) {
	if w, why = f.dequantized(id); why == "" {
		why = layerTakes(f.quant(w))
	}
	return w, why
}

const notConstant = "input 1 is no int8 constant"

// dequantized returns the int8 constant that a node dequantizes.
func (f *fuser) dequantized(id graph.ID) (w graph.ID, why string) {
	n := f.graph.Node(id)
	if n.Op == graph.OpConstant {
		return graph.None, "its weights are not quantized"
	}
	if n.Op != graph.OpDequantize {
		return graph.None, notConstant
	}
	w = f.unspread(n.Inputs[0])
	if n = f.graph.Node(w); n.Op != graph.OpConstant || n.Type.DType != tensor.Int8 {
		return graph.None, notConstant
	}
	return w, ""
}

// unspread returns what a node broadcasts, or the node itself.
func (f *fuser) unspread(id graph.ID) graph.ID {
	for f.graph.Node(id).Op == graph.OpBroadcast {
		id = f.graph.Node(id).Inputs[0]
	}
	return id
}

// layerTakes says what is wrong with the scales and zero points of weights: an
// int8 layer wants one scale for each output channel or one for all, and one
// zero point.
func layerTakes(q *tensor.Quantization) (why string) {
	if !q.IsPerTensor() && q.Axis != 0 {
		return "its weights have scales for other than output channels"
	}
	if slices.ContainsFunc(q.ZeroPoint, func(z int32) bool { return z != q.ZeroPoint[0] }) {
		return "its weights have a different zero point per channel"
	}
	return ""
}

// sumsFit tells whether no input can make a layer's sum of products leave
// int32, bias included.
func sumsFit(xZero int32, w tensor.Tensor, bias *tensor.Tensor) bool {
	reach := max(int64(math.MaxInt8)-int64(xZero), int64(xZero)-math.MinInt8)
	values, depth := tensor.Elements[int8](w), w.Shape[1:].Elements()
	for c := range w.Shape[0] {
		var sum int64
		for _, v := range values[c*depth:][:depth] {
			sum += magnitude(int64(v) - int64(w.Quant.ZeroPoint[0]))
		}
		sum *= reach
		if bias != nil {
			sum += magnitude(int64(tensor.Elements[int32](*bias)[c]))
		}
		if sum > math.MaxInt32 {
			return false
		}
	}
	return true
}

func magnitude(v int64) int64 { return max(v, -v) }

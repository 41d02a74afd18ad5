package eval64

import (
	"slices"
	"testing"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

func TestEveryOpIsEvaluated(t *testing.T) {
	for _, op := range graph.Ops() {
		if !Has(op) {
			t.Errorf("%s is not evaluated", op)
		}
	}
}

// value returns a value of a type that shares the elements.
func value(d tensor.DType, q *tensor.Quantization, shape tensor.Shape, elements ...float64) Value {
	return Value{tensor.Type{DType: d, Shape: shape, Quant: q}, elements}
}

func floats(shape tensor.Shape, elements ...float64) Value {
	return value(tensor.Float32, nil, shape, elements...)
}

// Results that can be computed in the head.
func TestSmallResults(t *testing.T) {
	conv := graph.Conv{Stride: graph.HW{1, 1}, Dilation: graph.HW{1, 1}, Groups: 1}
	padded := graph.Conv{Stride: graph.HW{1, 2}, Dilation: graph.HW{1, 1}, Pad: graph.Sides{0, 1, 0, 1}, Groups: 1}
	int8Of := func(scale float32, zeroPoint int32, shape tensor.Shape, q ...float64) Value {
		return value(tensor.Int8, tensor.PerTensor(scale, zeroPoint), shape, q...)
	}
	indices := value(tensor.Int32, nil, tensor.Shape{4}, -7, 0, 1, 9)
	for _, c := range []struct {
		name  string
		op    graph.Op
		attr  graph.Attr
		in    []Value
		shape tensor.Shape
		want  []float64
	}{
		{"conv", graph.OpConv, conv, []Value{floats(tensor.Shape{1, 1, 3, 1}, 1, 2, 3), floats(tensor.Shape{1, 1, 2, 1}, 10, 1), floats(tensor.Shape{1}, 100)},
			tensor.Shape{1, 1, 2, 1}, []float64{112, 123}},
		{"padded conv", graph.OpConv, padded, []Value{floats(tensor.Shape{1, 1, 3, 1}, 1, 2, 3), floats(tensor.Shape{1, 1, 2, 1}, 10, 1)},
			tensor.Shape{1, 1, 2, 1}, []float64{1, 23}},
		{"transposed conv", graph.OpConvInputGrad, graph.ConvInputGrad{Conv: conv, Height: 1, Width: 3}, []Value{floats(tensor.Shape{1, 1, 2, 1}, 1, 2), floats(tensor.Shape{1, 1, 2, 1}, 10, 1)},
			tensor.Shape{1, 1, 3, 1}, []float64{10, 21, 2}},
		{"matmul", graph.OpMatMul, graph.MatMul{TransposeA: true}, []Value{floats(tensor.Shape{2, 1}, 2, 3), floats(tensor.Shape{2, 2}, 1, 10, 100, 1000)},
			tensor.Shape{1, 2}, []float64{302, 3020}},
		{"linear", graph.OpLinear, nil, []Value{floats(tensor.Shape{1, 2}, 2, 3), floats(tensor.Shape{2, 2}, 1, 10, 100, 1000), floats(tensor.Shape{2}, 0.5, 0.25)},
			tensor.Shape{1, 2}, []float64{32.5, 3200.25}},
		{"broadcast sum", graph.OpAdd, nil, []Value{floats(tensor.Shape{2, 1}, 1, 2), floats(tensor.Shape{2}, 10, 20)},
			tensor.Shape{2, 2}, []float64{11, 21, 12, 22}},
		{"max pooling", graph.OpMaxPool, graph.Pool{Kernel: graph.HW{1, 2}, Stride: graph.HW{1, 1}, Pad: graph.Sides{0, 1, 0, 0}}, []Value{floats(tensor.Shape{1, 1, 2, 1}, -5, -6)},
			tensor.Shape{1, 1, 2, 1}, []float64{-5, -5}},
		{"average of what is covered", graph.OpAvgPool, graph.Pool{Kernel: graph.HW{1, 2}, Stride: graph.HW{1, 1}, Pad: graph.Sides{0, 1, 0, 0}}, []Value{floats(tensor.Shape{1, 1, 2, 1}, 4, 6)},
			tensor.Shape{1, 1, 2, 1}, []float64{4, 5}},
		{"average of the window", graph.OpAvgPool, graph.Pool{Kernel: graph.HW{1, 2}, Stride: graph.HW{1, 1}, Pad: graph.Sides{0, 1, 0, 0}, CountPadding: true}, []Value{floats(tensor.Shape{1, 1, 2, 1}, 4, 6)},
			tensor.Shape{1, 1, 2, 1}, []float64{2, 5}},
		{"mean", graph.OpReduceMean, graph.Reduce{Axes: []int{0}}, []Value{floats(tensor.Shape{2, 2}, 1, 2, 3, 4)}, tensor.Shape{2}, []float64{2, 3}},
		{"least", graph.OpReduceMin, graph.Reduce{Axes: []int{1}}, []Value{floats(tensor.Shape{2, 2}, 1, 2, 4, 3)}, tensor.Shape{2}, []float64{1, 3}},
		{"transpose", graph.OpTranspose, graph.Transpose{Perm: []int{1, 0}}, []Value{floats(tensor.Shape{2, 2}, 1, 2, 3, 4)}, tensor.Shape{2, 2}, []float64{1, 3, 2, 4}},
		{"concat", graph.OpConcat, graph.Axis{Axis: 1}, []Value{floats(tensor.Shape{2, 1}, 1, 2), floats(tensor.Shape{2, 2}, 3, 4, 5, 6)}, tensor.Shape{2, 3}, []float64{1, 3, 4, 2, 5, 6}},
		{"slice", graph.OpSlice, graph.Slice{Start: []int{1}}, []Value{floats(tensor.Shape{3}, 1, 2, 3)}, tensor.Shape{2}, []float64{2, 3}},
		{"quantized padding", graph.OpPad, graph.Pad{Before: []int{1}, After: []int{0}, Value: 1}, []Value{int8Of(0.5, 3, tensor.Shape{1}, 7)}, tensor.Shape{2}, []float64{5, 7}},
		{"gather clamps", graph.OpGather, graph.Axis{}, []Value{floats(tensor.Shape{2}, 5, 6), indices}, tensor.Shape{4}, []float64{5, 5, 6, 6}},
		{"one hot leaves zeros", graph.OpOneHot, graph.OneHot{Depth: 2}, []Value{indices}, tensor.Shape{4, 2}, []float64{0, 0, 1, 0, 0, 1, 0, 0}},
		{"first of equals", graph.OpArgMax, nil, []Value{floats(tensor.Shape{1, 3}, 1, 2, 2)}, tensor.Shape{1}, []float64{1}},
		{"filter gradient", graph.OpConvFilterGrad, graph.ConvFilterGrad{Conv: conv, Kernel: graph.HW{1, 2}}, []Value{floats(tensor.Shape{1, 1, 3, 1}, 1, 2, 3), floats(tensor.Shape{1, 1, 2, 1}, 10, 1)},
			tensor.Shape{1, 1, 2, 1}, []float64{12, 23}},
		{"scattered, indices clamped", graph.OpScatterAddElements, graph.Scatter{Shape: tensor.Shape{2}}, []Value{floats(tensor.Shape{4}, 1, 2, 4, 8), indices},
			tensor.Shape{2}, []float64{3, 12}},
		{"pixel of the maximum", graph.OpArgMaxPool, graph.Pool{Kernel: graph.HW{1, 2}, Stride: graph.HW{1, 1}}, []Value{floats(tensor.Shape{1, 2, 3, 1}, 1, 1, 2, 0, -1, -2)},
			tensor.Shape{1, 2, 2, 1}, []float64{0, 2, 3, 4}},
		{"half to even, clamped", graph.OpQuantize, graph.Quantized{Scale: 2, ZeroPoint: 1, Min: -2, Max: 4}, []Value{floats(tensor.Shape{5}, 1, 3, 5, 99, -99)},
			tensor.Shape{5}, []float64{1, 3, 3, 4, -2}},
		{"dequantize", graph.OpDequantize, nil, []Value{int8Of(0.5, 3, tensor.Shape{2}, 7, -1)}, tensor.Shape{2}, []float64{2, -2}},
		{"quantized layer", graph.OpQuantLinear, graph.QuantizedTo(4, 10),
			[]Value{int8Of(0.5, 1, tensor.Shape{1, 2}, 3, 5), value(tensor.Int8, &tensor.Quantization{Scale: []float32{1, 2}, ZeroPoint: []int32{0, 0}}, tensor.Shape{2, 2}, 1, 2, 3, 4),
				value(tensor.Int32, tensor.PerTensor(0.5, 0), tensor.Shape{2}, 4, 4)},
			tensor.Shape{1, 2}, []float64{12, 16}}, // (1 + 4 + 2)/4 = 1.75 → 2; (6 + 16 + 4)/4 = 6.5 → 6
	} {
		y := zeros(tensor.Type{DType: tensor.Float32, Shape: c.shape})
		if c.op == graph.OpPad {
			y.Type = tensor.Type{DType: tensor.Int8, Shape: c.shape, Quant: c.in[0].Quant}
		}
		evaluations[c.op](&graph.Node{Op: c.op, Attr: c.attr}, y, c.in)
		if !slices.Equal(y.Data, c.want) {
			t.Errorf("%s: %v, want %v", c.name, y.Data, c.want)
		}
	}
}

package tflite

import (
	"testing"

	"megl-edge/runtime/graph"
)

// pooling returns the options of AVERAGE_POOL_2D and MAX_POOL_2D.
func pooling(p padding, stride, window graph.HW, a activation) []any {
	return []any{int8(p), int32(stride[1]), int32(stride[0]), int32(window[1]), int32(window[0]), int8(a)}
}

func TestAveragePool(t *testing.T) {
	at := graph.Pool{Kernel: graph.HW{3, 2}, Stride: graph.HW{2, 1}, Pad: graph.Sides{1, 0, 1, 1}}
	forEachKind(t, func(t *testing.T, kind elementType) {
		n := newNetwork(image(kind, 1, 5, 4, 3))
		y := n.apply(opAveragePool, resultOf(kind, 1, 3, 4, 3), pooling(paddingSame, graph.HW{2, 1}, graph.HW{3, 2}, activationNone), 0)
		result := found(t, n.scores(y).imported(t), "result")
		if kind == typeFloat32 {
			want(t, result, graph.OpAvgPool, at, 1, 3, 4, 3)
			return
		}
		want(t, result, graph.OpQuantAvgPool, graph.QuantPool{Pool: at, Output: resultRange(-128, 127)}, 1, 3, 4, 3)
	})
}

func TestGlobalAveragePoolIsMean(t *testing.T) {
	at := graph.Reduce{Axes: []int{1, 2}, KeepDims: true}
	forEachKind(t, func(t *testing.T, kind elementType) {
		n := newNetwork(image(kind, 1, 5, 4, 3))
		n.outputs = []int32{n.apply(opAveragePool, resultOf(kind, 1, 1, 1, 3), pooling(paddingValid, graph.HW{5, 4}, graph.HW{5, 4}, activationNone), 0)}
		result := found(t, n.imported(t), "result")
		if kind == typeFloat32 {
			want(t, result, graph.OpReduceMean, at, 1, 1, 1, 3)
			return
		}
		want(t, result, graph.OpQuantMean, graph.QuantReduce{Reduce: at, Output: resultRange(-128, 127)}, 1, 1, 1, 3)
	})
}

// The window is as large as the image, but padding moves it over the edge.
func TestPaddedAveragePoolIsNoMean(t *testing.T) {
	n := newNetwork(image(typeFloat32, 1, 4, 4, 3))
	y := n.apply(opAveragePool, image(typeFloat32, 1, 4, 4, 3), pooling(paddingSame, graph.HW{1, 1}, graph.HW{4, 4}, activationNone), 0)
	at := graph.Pool{Kernel: graph.HW{4, 4}, Stride: graph.HW{1, 1}, Pad: graph.Sides{1, 1, 2, 2}}
	want(t, found(t, n.scores(y).imported(t), "result"), graph.OpAvgPool, at, 1, 4, 4, 3)
}

func TestMaxPool(t *testing.T) {
	at := graph.Pool{Kernel: graph.HW{2, 2}, Stride: graph.HW{2, 2}}
	forEachKind(t, func(t *testing.T, kind elementType) {
		n := newNetwork(image(kind, 1, 4, 4, 3))
		y := n.apply(opMaxPool, image(kind, 1, 2, 2, 3), pooling(paddingValid, graph.HW{2, 2}, graph.HW{2, 2}, activationNone), 0)
		want(t, found(t, n.scores(y).imported(t), "result"), graph.OpMaxPool, at, 1, 2, 2, 3)
	})
}

func TestMaxPoolWithActivation(t *testing.T) {
	forEachKind(t, func(t *testing.T, kind elementType) {
		n := newNetwork(image(kind, 1, 4, 4, 3))
		y := n.apply(opMaxPool, image(kind, 1, 2, 2, 3), pooling(paddingValid, graph.HW{2, 2}, graph.HW{2, 2}, activationReLUN1To1), 0)
		g := n.scores(y).imported(t)
		result := found(t, g, "result")
		if kind == typeFloat32 {
			want(t, result, graph.OpClamp, graph.Clamp{Min: -1, Max: 1}, 1, 2, 2, 3)
		} else {
			to := graph.Quantized{Scale: 0.5, ZeroPoint: 3, Min: 1, Max: 5}
			want(t, result, graph.OpQuantUnary, graph.QuantUnary{Function: graph.Identity, Output: to}, 1, 2, 2, 3)
		}
		if before := inputOf(g, result, 0); before.Op != graph.OpMaxPool {
			t.Errorf("the activation reads %s", before.Op)
		}
	})
}

func TestMean(t *testing.T) {
	forEachKind(t, func(t *testing.T, kind elementType) {
		n := newNetwork(image(kind, 1, 4, 4, 3))
		n.outputs = []int32{n.apply(opMean, resultOf(kind, 1, 1, 1, 3), []any{true}, 0, n.integers(-2, 1, 2))}
		at := graph.Reduce{Axes: []int{1, 2}, KeepDims: true}
		result := found(t, n.imported(t), "result")
		if kind == typeFloat32 {
			want(t, result, graph.OpReduceMean, at, 1, 1, 1, 3)
			return
		}
		want(t, result, graph.OpQuantMean, graph.QuantReduce{Reduce: at, Output: resultRange(-128, 127)}, 1, 1, 1, 3)
	})
}

func TestPoolsThatAreRefused(t *testing.T) {
	build := func(code int, options []any, inputs ...int32) *network {
		n := newNetwork(image(typeFloat32, 1, 4, 4, 3))
		n.integers(9)
		n.outputs = []int32{n.apply(code, image(typeFloat32, 1, 1, 1, 3), options, inputs...)}
		return n
	}
	build(opMaxPool, pooling(paddingValid, graph.HW{1, 1}, graph.HW{5, 4}, activationNone), 0).refused(t, "operator 0 (MAX_POOL_2D)", "does not fit")
	build(opAveragePool, pooling(paddingValid, graph.HW{1, 1}, graph.HW{0, 4}, activationNone), 0).refused(t, "window")
	build(opAveragePool, nil, 0).refused(t, "window")
	build(opMean, nil, 0, 1).refused(t, "axis 9")
	build(opMean, nil, 0).refused(t, "input 1 is missing")
	build(opMean, nil, 0, 0).refused(t, "want int32 or int64")
}

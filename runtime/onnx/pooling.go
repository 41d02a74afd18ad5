package onnx

import (
	"math"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

// pool reads a pooling window.
func (c *call) pool() (window, error) {
	if err := c.require(1); err != nil {
		return window{}, err
	}
	x := c.shape(c.in[0])
	w, err := c.window(x, nil)
	if err != nil {
		return w, err
	}
	autoPad, err := c.string("auto_pad", "")
	if err != nil {
		return w, err
	}
	return w, w.place(x, autoPad)
}

// single2D returns the window as a pooling op of the graph, if it is one: over
// at most two axes, without dilation, with padding less than the kernel.
func (w *window) single2D(x tensor.Shape) (graph.Pool, bool) {
	kernel, stride, dilation, pad, flat := w.flat()
	if !flat || dilation != (graph.HW{1, 1}) {
		return graph.Pool{}, false
	}
	for i := range w.kernel {
		side := 2 - len(w.kernel) + i
		pad[side+2] += w.overhang(i, x[i+2])
		if pad[side] >= kernel[side] || pad[side+2] >= kernel[side] {
			return graph.Pool{}, false
		}
	}
	return graph.Pool{Kernel: kernel, Stride: stride, Pad: pad}, true
}

func convertMaxPool(c *call) ([]value, error) {
	w, err := c.pool()
	if err != nil {
		return nil, err
	}
	columns, err := c.int("storage_order", 0)
	if err != nil {
		return nil, err
	}
	x := c.in[0]
	shape := c.shape(x)
	withIndices := len(c.node.Outputs) > 1 && c.node.Outputs[1] != ""
	quantized := c.Type(x.id).Quant != nil
	if at, ok := w.single2D(shape); ok && !withIndices && (c.dtype(x) == tensor.Float32 || quantized) {
		y := c.fromImage(c.apply(graph.OpMaxPool, at, c.image(x)), len(shape))
		y.unsigned = x.unsigned
		return single(y, nil)
	}
	if withIndices && columns != 0 {
		return nil, unsupported("MaxPool indices in column order")
	}
	return c.maxPoolByTaps(x, &w, withIndices)
}

// maxPoolByTaps takes the maximum over the positions in the window one by one.
func (c *call) maxPoolByTaps(xv value, w *window, withIndices bool) ([]value, error) {
	xv = c.number(xv)
	rank, d := len(c.shape(xv)), c.dtype(xv)
	x := c.arranged(xv, channelsLast(rank))
	if d != tensor.Float32 && d != tensor.Float64 {
		x = c.cast(x, tensor.Float32) // exact for the integers that images have
	}
	x = c.paddedWith(x, w, c.like(x, math.Inf(-1)))
	var under []graph.ID
	c.taps(x, w, func(_ int, at graph.ID) { under = append(under, at) })
	order := channelsLast(rank)
	if !withIndices {
		best := under[0]
		for _, next := range under[1:] {
			best = c.maximum(best, next)
		}
		return single(value{id: c.cast(best, d), order: order}, nil)
	}
	where := c.Constant("positions", c.positions(c.Shape(c.arranged(xv, order))))
	where = c.paddedWith(where, w, c.Constant("outside", tensor.Scalar[int64](0)))
	best, index := under[0], graph.None
	c.taps(where, w, func(tap int, at graph.ID) {
		if index == graph.None {
			index = at
			return
		}
		better := c.greater(under[tap], best)
		index = c.choose(better, at, index)
		best = c.choose(better, under[tap], best)
	})
	return []value{{id: c.cast(best, d), order: order}, {id: index, order: order}}, nil
}

// positions numbers the elements of a value [n × … × c] as ONNX stores them,
// [n × c × …].
func (im *importer) positions(shape tensor.Shape) tensor.Tensor {
	rank := len(shape)
	logical := append(tensor.Shape{shape[0], shape[rank-1]}, shape[1:rank-1]...)
	im.reserve(logical.Elements(), 8)
	numbers := make([]int64, logical.Elements())
	for i := range numbers {
		numbers[i] = int64(i)
	}
	t, err := im.evaluate(graph.OpTranspose, graph.Transpose{Perm: channelsLast(rank)}, tensor.Must(tensor.Of(logical, numbers)))
	if err != nil {
		im.fail(err)
	}
	return t
}

// paddedWith is padded for values that a padding op does not hold.
func (im *importer) paddedWith(x graph.ID, w *window, v graph.ID) graph.ID {
	im.boundTaps(w)
	shape := im.Shape(x)
	for i := range w.kernel {
		if im.Err() != nil {
			return x
		}
		before, after := w.before[i], w.after[i]+w.overhang(i, shape[i+1])
		x = im.between(x, i+1, before, after, v)
	}
	return x
}

// between puts slices that hold v before and after x along an axis of the node.
func (im *importer) between(x graph.ID, axis, before, after int, v graph.ID) graph.ID {
	parts := []graph.ID{}
	part := func(n int) {
		if n > 0 && im.Err() == nil {
			shape := im.Shape(x).Clone()
			shape[axis] = n
			parts = append(parts, im.apply(graph.OpBroadcast, graph.Shape{Shape: shape}, v))
		}
	}
	part(before)
	parts = append(parts, x)
	part(after)
	if len(parts) == 1 {
		return x
	}
	return im.apply(graph.OpConcat, graph.Axis{Axis: axis}, parts...)
}

func convertAveragePool(c *call) ([]value, error) {
	w, err := c.pool()
	if err != nil {
		return nil, err
	}
	counted, err := c.int("count_include_pad", 0)
	if err != nil {
		return nil, err
	}
	x := c.number(c.in[0])
	shape := c.shape(x)
	hangs := false
	for i := range w.kernel {
		hangs = hangs || w.overhang(i, shape[i+2]) > 0
	}
	if at, ok := w.single2D(shape); ok && c.dtype(x) == tensor.Float32 && !(hangs && counted != 0) {
		at.CountPadding = counted != 0
		return single(c.fromImage(c.apply(graph.OpAvgPool, at, c.image(x)), len(shape)), nil)
	}
	sum := graph.None
	c.taps(c.padded(c.arranged(x, channelsLast(len(shape))), &w, 0), &w, func(_ int, under graph.ID) {
		if sum == graph.None {
			sum = under
		} else {
			sum = c.add(sum, under)
		}
	})
	count, err := runtimeCast(c.counts(&w, shape, counted != 0), c.dtype(x))
	if err != nil {
		return nil, err
	}
	return single(value{id: c.div(sum, c.Constant("window_pixels", count)), order: channelsLast(len(shape))}, nil)
}

// counts returns how many pixels every average is over, [… × 1]: those of the
// image, or of the padded image.
func (im *importer) counts(w *window, x tensor.Shape, padding bool) tensor.Tensor {
	shape := append(tensor.Shape(w.out).Clone(), 1)
	im.reserve(append(shape, 4)...)
	counts := []float32{1}
	for i := range w.out {
		inside := w.inside(i, x[i+2], padding)
		wider := make([]float32, 0, len(counts)*len(inside))
		for _, n := range counts {
			for _, m := range inside {
				wider = append(wider, max(1, n*m))
			}
		}
		counts = wider
	}
	return tensor.Must(tensor.Of(shape, counts))
}

// inside returns how many pixels of a spatial axis each position covers.
func (w *window) inside(i, length int, padding bool) []float32 {
	lo, hi := 0, length
	if padding {
		lo, hi = -w.before[i], length+w.after[i]
	}
	steps := func(distance int) int { // how many taps it takes to get there
		return min((max(0, distance)+w.dilation[i]-1)/w.dilation[i], w.kernel[i])
	}
	covered := make([]float32, w.out[i])
	for position := range covered {
		start := position*w.stride[i] - w.before[i]
		covered[position] = float32(steps(hi-start) - steps(lo-start))
	}
	return covered
}

// globalPool is the conversion of a reduction over all spatial axes.
func globalPool(o graph.Op) func(*call) ([]value, error) {
	return func(c *call) ([]value, error) {
		if err := c.require(1); err != nil {
			return nil, err
		}
		var axes []int
		for axis := 2; axis < len(c.shape(c.in[0])); axis++ {
			axes = append(axes, axis)
		}
		return single(c.reduce(o, c.number(c.in[0]), axes, true))
	}
}

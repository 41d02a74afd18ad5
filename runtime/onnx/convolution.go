package onnx

import (
	"fmt"
	"math"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

// filterOrder puts a filter [o × c/groups × …] as [o × … × c/groups].
func filterOrder(rank int) []int { return channelsLast(rank) }

// convertConv: x [n × c × …], filter [o × c/groups × …], bias? [o].
func convertConv(c *call) ([]value, error) {
	if err := c.require(2); err != nil {
		return nil, err
	}
	return single(c.convolution(c.in[0], c.in[1], c.biasAt(2)))
}

// biasAt returns the node of an optional input, None where it is not given.
func (c *call) biasAt(i int) graph.ID {
	if !c.has(i) {
		return graph.None
	}
	return c.plain(c.in[i])
}

func (c *call) convolution(xv, fv value, bias graph.ID) (value, error) {
	x, filter := c.shape(xv), c.shape(fv)
	groups, err := c.int("group", 1)
	if err != nil {
		return value{}, err
	}
	if len(x) < 3 || len(filter) != len(x) || groups < 1 || int64(filter[1])*groups != int64(x[1]) || int64(filter[0])%groups != 0 {
		return value{}, fmt.Errorf("input %v and filter %v in %d groups do not fit", x, filter, groups)
	}
	w, err := c.window(x, filter[2:])
	if err != nil {
		return value{}, err
	}
	autoPad, err := c.string("auto_pad", "")
	if err != nil {
		return value{}, err
	}
	if err := w.place(x, autoPad); err != nil {
		return value{}, err
	}
	if !tensor.Shape(w.kernel).Equal(filter[2:]) {
		return value{}, fmt.Errorf("kernel_shape is %v, the filter is %v", w.kernel, filter)
	}
	return c.convolve(xv, fv, bias, &w, int(groups))
}

// convolve is a convolution over at most two axes with known weights, which is
// one op, or any other, which is a sum of matrix products.
func (im *importer) convolve(x, filter value, bias graph.ID, w *window, groups int) (value, error) {
	rank := len(im.shape(x))
	_, stride, dilation, pad, flat := w.flat()
	if !flat || !im.isWeights(filter) || im.dtype(x) != tensor.Float32 {
		return im.convolveByTaps(im.number(x), im.number(filter), bias, w, groups), nil
	}
	f := im.image(filter)
	inputs := []graph.ID{im.image(x), f}
	if bias != graph.None {
		inputs = append(inputs, bias)
	}
	at := graph.Conv{Stride: stride, Dilation: dilation, Pad: pad, Groups: groups}
	return im.fromImage(im.apply(graph.OpConv, at, inputs...), rank), nil
}

// isWeights tells whether a value is known at import, possibly stored as int8,
// and not empty.
func (im *importer) isWeights(v value) bool {
	_, stored := im.storedWeights(v.id)
	return (stored || im.Node(v.id).Op == graph.OpConstant) && im.Shape(v.id).Elements() > 0
}

// convolveByTaps adds one matrix product for each position in the filter.
func (im *importer) convolveByTaps(xv, fv value, bias graph.ID, w *window, groups int) value {
	rank := len(im.shape(xv))
	x := im.padded(im.arranged(xv, channelsLast(rank)), w, 0)
	filter := im.arranged(fv, filterOrder(rank)) // [o × … × c/groups]
	xs, fs := im.Shape(x), im.Shape(filter)
	if im.Err() != nil {
		return value{}
	}
	out, in := fs[0], fs[rank-1]
	filter = im.reshapedNode(filter, tensor.Shape{groups, out / groups, fs[1 : rank-1].Elements(), in})
	positions := xs[0]
	for _, n := range w.out {
		positions *= n
	}
	y := graph.None
	im.taps(x, w, func(tap int, under graph.ID) {
		// [groups × positions × in]·[groups × in × out/groups]
		rows := im.reshapedNode(under, tensor.Shape{positions, groups, in})
		rows = im.transposed(rows, []int{1, 0, 2})
		weights := im.reshapedNode(im.strided(filter, 2, tap, 1, 1), tensor.Shape{groups, out / groups, in})
		product := im.apply(graph.OpMatMul, graph.MatMul{TransposeB: true}, rows, weights)
		if y == graph.None {
			y = product
		} else {
			y = im.add(y, product)
		}
	})
	y = im.transposed(y, []int{1, 0, 2})
	shape := append(append(tensor.Shape{xs[0]}, w.out...), out)
	y = im.reshapedNode(y, shape)
	if bias != graph.None {
		y = im.add(y, bias)
	}
	return value{id: y, order: channelsLast(rank)}
}

// convertConvTranspose: x [n × c × …], filter [c × o/groups × …], bias? [o].
func convertConvTranspose(c *call) ([]value, error) {
	if err := c.require(2); err != nil {
		return nil, err
	}
	x, filter := c.shape(c.in[0]), c.shape(c.in[1])
	groups, err := c.int("group", 1)
	if err != nil {
		return nil, err
	}
	if len(x) < 3 || len(filter) != len(x) || groups < 1 || x[1] != filter[0] || int64(x[1])%groups != 0 {
		return nil, fmt.Errorf("input %v and filter %v in %d groups do not fit", x, filter, groups)
	}
	w, err := c.window(x, filter[2:])
	if err != nil {
		return nil, err
	}
	size, err := c.transposedSize(&w, x)
	if err != nil {
		return nil, err
	}
	bias := c.biasAt(2)
	y, err := c.convolveTransposed(&w, size, int(groups))
	if err != nil {
		return nil, err
	}
	if bias != graph.None {
		channels := c.in[2]
		if len(c.shape(channels)) != 1 {
			return nil, fmt.Errorf("bias is %v, want one axis", c.shape(channels))
		}
		y.id = c.add(y.id, bias)
	}
	return single(y, nil)
}

// transposedSize returns the spatial size of the result, and sets the padding
// that output_shape or auto_pad ask for.
func (c *call) transposedSize(w *window, x tensor.Shape) ([]int, error) {
	n := len(w.kernel)
	extra, err := c.lengthsOr("output_padding", n, 0)
	if err != nil {
		return nil, err
	}
	autoPad, err := c.string("auto_pad", "")
	if err != nil {
		return nil, err
	}
	asked, err := c.ints("output_shape")
	if err != nil {
		return nil, err
	}
	if asked != nil && len(asked) != n {
		return nil, fmt.Errorf("output_shape has %d entries, want %d", len(asked), n)
	}
	size := make([]int, n)
	for i := range size {
		if wide := int64(x[i+2])*int64(w.stride[i]) + maxStep + int64(w.extent(i)); wide > math.MaxInt32 {
			return nil, fmt.Errorf("the result has more than %d pixels", math.MaxInt32)
		}
		full := (x[i+2]-1)*w.stride[i] + extra[i] + w.extent(i)
		switch {
		case asked != nil:
			size[i] = int(min(max(asked[i], 0), int64(full)+maxStep)) // what is beyond gets zeros
		case autoPad == "SAME_UPPER" || autoPad == "SAME_LOWER":
			size[i] = x[i+2] * w.stride[i]
		default:
			size[i] = full - w.before[i] - w.after[i]
		}
		if asked != nil || autoPad == "SAME_UPPER" || autoPad == "SAME_LOWER" {
			total := max(0, full-size[i])
			w.after[i] = total / 2
			if autoPad == "SAME_UPPER" {
				w.after[i] = total - total/2
			}
			w.before[i] = total - w.after[i]
		}
		if size[i] < 1 {
			return nil, fmt.Errorf("the result has %d pixels", size[i])
		}
	}
	return size, nil
}

// convolveTransposed is the gradient of a convolution with respect to its input:
// one op over at most two axes with known weights, else a convolution of the
// spread values with the filter turned round.
func (c *call) convolveTransposed(w *window, size []int, groups int) (value, error) {
	rank := len(size) + 2
	_, stride, dilation, pad, flat := w.flat()
	if flat && c.isWeights(c.in[1]) && c.dtype(c.in[0]) == tensor.Float32 {
		height, width := 1, size[len(size)-1]
		if len(size) == 2 {
			height = size[0]
		}
		// The padding behind follows from the size; output_padding makes it less.
		at := graph.ConvInputGrad{Conv: graph.Conv{Stride: stride, Dilation: dilation, Pad: pad, Groups: groups}, Height: height, Width: width}
		y := c.apply(graph.OpConvInputGrad, at, c.image(c.in[0]), c.image(c.in[1]))
		return c.fromImage(y, rank), nil
	}
	x := c.arranged(c.in[0], channelsLast(rank))
	spread := window{kernel: w.kernel, dilation: w.dilation, out: size}
	for i := range size {
		x = c.spread(x, i+1, w.stride[i])
		length := c.Shape(x)[i+1]
		before := w.extent(i) - 1 - w.before[i]
		if before < 0 {
			return value{}, unsupported("ConvTranspose with more padding than its kernel")
		}
		spread.stride = append(spread.stride, 1)
		spread.before = append(spread.before, before)
		spread.after = append(spread.after, max(0, size[i]+w.extent(i)-1-length-before))
	}
	filter := c.turned(c.in[1], groups)
	return c.convolveByTaps(value{id: x, order: channelsLast(rank)}, value{id: filter}, graph.None, &spread, groups), nil
}

// spread puts step − 1 zeros between neighbours along an axis of the node.
func (im *importer) spread(x graph.ID, axis, step int) graph.ID {
	shape := im.Shape(x)
	if step == 1 || im.Err() != nil {
		return x
	}
	apart := append(append(shape[:axis+1].Clone(), 1), shape[axis+1:]...)
	y := im.reshapedNode(x, apart)
	pad := graph.Pad{Before: make([]int, len(apart)), After: make([]int, len(apart))}
	pad.After[axis+1] = step - 1
	y = im.apply(graph.OpPad, pad, y)
	joined := shape.Clone()
	joined[axis] *= step
	y = im.reshapedNode(y, joined)
	return im.strided(y, axis, 0, 1, joined[axis]-step+1)
}

// turned returns a filter [c × o/groups × …] as [o × c/groups × …], turned round
// on every spatial axis.
func (im *importer) turned(v value, groups int) graph.ID {
	f := im.plain(v)
	shape := im.Shape(f)
	if im.Err() != nil {
		return f
	}
	for axis := 2; axis < len(shape); axis++ {
		backwards := make([]int32, shape[axis])
		for i := range backwards {
			backwards[i] = int32(len(backwards) - 1 - i)
		}
		f = im.gathered(f, axis, backwards)
	}
	apart := append(tensor.Shape{groups, shape[0] / groups}, shape[1:]...)
	perm := []int{0, 2, 1}
	for axis := 3; axis < len(apart); axis++ {
		perm = append(perm, axis)
	}
	f = im.transposed(im.reshapedNode(f, apart), perm)
	return im.reshapedNode(f, append(tensor.Shape{groups * shape[1], shape[0] / groups}, shape[2:]...))
}

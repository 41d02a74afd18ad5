package onnx

import (
	"fmt"
	"math"
	"slices"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

// maxStep bounds strides, dilations and windows, as the graph does: nothing
// overflows below it.
const maxStep = 1 << 12

// window is what slides over the spatial axes of a value: one entry for each.
type window struct {
	kernel, stride, dilation []int
	before, after            []int // padding
	out                      []int // positions
	ceil                     bool
}

// window reads the attributes of convolutions and pools over x [n × c × …].
func (c *call) window(x tensor.Shape, kernel []int) (w window, err error) {
	n := len(x) - 2
	if n < 1 {
		return w, fmt.Errorf("input %v has no spatial axes", x)
	}
	given, err := c.ints("kernel_shape")
	if err != nil {
		return w, err
	}
	if given != nil {
		if kernel, err = lengths(given, n, 1, "kernel_shape"); err != nil {
			return w, err
		}
	}
	if len(kernel) != n {
		return w, fmt.Errorf("a kernel of %d axes over %d spatial ones", len(kernel), n)
	}
	if slices.Contains(kernel, 0) {
		return w, fmt.Errorf("a kernel of %v", kernel)
	}
	w.kernel = kernel
	if w.stride, err = c.lengthsOr("strides", n, 1); err != nil {
		return w, err
	}
	if w.dilation, err = c.lengthsOr("dilations", n, 1); err != nil {
		return w, err
	}
	for i := range kernel {
		if int64(kernel[i])*int64(w.dilation[i]) > math.MaxInt32/2 {
			return w, fmt.Errorf("a kernel of %v with dilations %v", kernel, w.dilation)
		}
	}
	pads, err := c.lengthsOr("pads", 2*n, 0)
	if err != nil {
		return w, err
	}
	w.before, w.after = pads[:n], pads[n:]
	ceil, err := c.int("ceil_mode", 0)
	w.ceil = ceil != 0
	return w, err
}

// lengthsOr returns a list of n settings, or all the least they can be.
func (c *call) lengthsOr(name string, n, least int) ([]int, error) {
	given, err := c.ints(name)
	if err != nil {
		return nil, err
	}
	if given == nil {
		return slices.Repeat([]int{least}, n), nil
	}
	return lengths(given, n, least, name)
}

func lengths(given []int64, n, least int, name string) ([]int, error) {
	if len(given) != n {
		return nil, fmt.Errorf("%s has %d entries, want %d", name, len(given), n)
	}
	list := make([]int, n)
	for i, v := range given {
		if v < int64(least) || v > maxStep {
			return nil, fmt.Errorf("%s is %v; want %d to %d", name, given, least, maxStep)
		}
		list[i] = int(v)
	}
	return list, nil
}

// extent is how many pixels the window spans on a spatial axis.
func (w *window) extent(i int) int { return (w.kernel[i]-1)*w.dilation[i] + 1 }

// place sets the padding that auto_pad asks for, and counts the positions of the
// window over x. With ceil_mode the last window may hang over the end, as long as
// it does not start in the padding behind it.
func (w *window) place(x tensor.Shape, autoPad string) error {
	w.out = make([]int, len(w.kernel))
	for i := range w.kernel {
		length := x[i+2]
		switch autoPad {
		case "SAME_UPPER", "SAME_LOWER":
			results := (length + w.stride[i] - 1) / w.stride[i]
			total := max((results-1)*w.stride[i]+w.extent(i)-length, 0)
			w.before[i], w.after[i] = total/2, total-total/2
			if autoPad == "SAME_LOWER" {
				w.before[i], w.after[i] = w.after[i], w.before[i]
			}
		case "VALID":
			w.before[i], w.after[i] = 0, 0
		case "", "NOTSET":
		default:
			return unsupported("auto_pad %s", quoted(autoPad))
		}
		room := length + w.before[i] + w.after[i] - w.extent(i)
		if room < 0 {
			return fmt.Errorf("a window of %d does not fit into %d pixels", w.extent(i), length+w.before[i]+w.after[i])
		}
		w.out[i] = room/w.stride[i] + 1
		if w.ceil && room%w.stride[i] != 0 && w.out[i]*w.stride[i] < length+w.before[i] {
			w.out[i]++
		}
	}
	return nil
}

// overhang is how far the last window reaches beyond the padded end.
func (w *window) overhang(i, length int) int {
	return max(0, (w.out[i]-1)*w.stride[i]+w.extent(i)-length-w.before[i]-w.after[i])
}

// flat returns the window as one over the two axes of an image, if it has at
// most two.
func (w *window) flat() (kernel, stride, dilation graph.HW, pad graph.Sides, ok bool) {
	switch len(w.kernel) {
	case 1:
		return graph.HW{1, w.kernel[0]}, graph.HW{1, w.stride[0]}, graph.HW{1, w.dilation[0]}, graph.Sides{0, w.before[0], 0, w.after[0]}, true
	case 2:
		return graph.HW(w.kernel), graph.HW(w.stride), graph.HW(w.dilation), graph.Sides{w.before[0], w.before[1], w.after[0], w.after[1]}, true
	}
	return
}

// image returns x, which ONNX has as [n × c × …], as [n × h × w × c]. One spatial
// axis becomes the width.
func (im *importer) image(x value) graph.ID {
	rank := len(im.shape(x))
	id := im.arranged(x, channelsLast(rank))
	if rank == 3 {
		s := im.Shape(id)
		if im.Err() != nil {
			return id
		}
		id = im.reshapedNode(id, tensor.Shape{s[0], 1, s[1], s[2]})
	}
	return id
}

// fromImage returns what ONNX has as a value of the given rank.
func (im *importer) fromImage(id graph.ID, rank int) value {
	if rank == 3 && im.Err() == nil {
		s := im.Shape(id)
		id = im.reshapedNode(id, tensor.Shape{s[0], s[2], s[3]})
	}
	return value{id: id, order: channelsLast(rank)}
}

// maxTaps bounds what becomes a node for each position in a window.
const maxTaps = 1 << 14

// boundTaps fails on a window of too many positions to take one by one.
func (im *importer) boundTaps(w *window) {
	total := 1
	for _, k := range w.kernel {
		if total *= k; total > maxTaps {
			im.fail(unsupported("a window of %v in this place", w.kernel))
		}
	}
}

// taps calls f for every position in the window, with what lies under it:
// x, [n × … × c] and padded, read at that offset for all positions of the window.
func (im *importer) taps(x graph.ID, w *window, f func(tap int, under graph.ID)) {
	total := 1
	for _, k := range w.kernel {
		total *= k
	}
	for tap := range total {
		under, rest := x, tap
		for i := len(w.kernel) - 1; i >= 0; i-- {
			under = im.strided(under, i+1, rest%w.kernel[i]*w.dilation[i], w.stride[i], w.out[i])
			rest /= w.kernel[i]
		}
		f(tap, under)
	}
}

// strided returns count slices of x along an axis of the node, from start on,
// step apart.
func (im *importer) strided(x graph.ID, axis, start, step, count int) graph.ID {
	shape := im.Shape(x)
	if im.Err() != nil {
		return x
	}
	if start == 0 && (step == 1 || count == 1) && shape[axis] == count {
		return x
	}
	if step == 1 || count == 1 {
		at := make([]int, len(shape))
		at[axis] = start
		size := shape.Clone()
		size[axis] = count
		return im.apply(graph.OpSlice, graph.Slice{Start: at, Size: size}, x)
	}
	im.reserve(count, 4)
	indices := make([]int32, count)
	for i := range indices {
		indices[i] = int32(start + i*step)
	}
	return im.gathered(x, axis, indices)
}

// gathered returns the slices of x along an axis of the node at known indices.
func (im *importer) gathered(x graph.ID, axis int, indices []int32) graph.ID {
	at := im.Constant("indices", tensor.Must(tensor.Of(tensor.Shape{len(indices)}, indices)))
	return im.apply(graph.OpGather, graph.Axis{Axis: axis}, x, at)
}

// padded returns x [n × … × c] with the window's padding, and what its last
// position needs beyond, holding v, for [importer.taps].
func (im *importer) padded(x graph.ID, w *window, v float32) graph.ID {
	im.boundTaps(w)
	shape := im.Shape(x)
	if im.Err() != nil {
		return x
	}
	pad := graph.Pad{Before: make([]int, len(shape)), After: make([]int, len(shape)), Value: v}
	some := false
	for i := range w.kernel {
		pad.Before[i+1], pad.After[i+1] = w.before[i], w.after[i]+w.overhang(i, shape[i+1])
		some = some || pad.Before[i+1]+pad.After[i+1] > 0
	}
	if !some {
		return x
	}
	return im.apply(graph.OpPad, pad, x)
}

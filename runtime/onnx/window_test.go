package onnx_test

import (
	"slices"
	"strings"
	"testing"

	"megl-edge/runtime/onnx/proto"
	"megl-edge/runtime/tensor"
)

// sliding is a window over spatial axes, as ONNX describes it.
type sliding struct {
	x, filter                     tensor.Shape // [n × c × …], [o × c/groups × …]
	strides, dilations, pads, out []int
	groups                        int
}

// each calls f for every product of a convolution: the positions of the result,
// the input and the filter in their values.
func (s *sliding) each(f func(y, x, w int)) {
	perGroup := s.filter[0] / s.groups
	for i, taps := range walk(append(tensor.Shape{s.x[0], s.filter[0]}, s.out...)) {
		for w, tap := range walk(append(tensor.Shape{s.filter[1]}, s.filter[2:]...)) {
			at := []int{taps[0], taps[1]/perGroup*s.filter[1] + tap[0]}
			for axis := range s.out {
				at = append(at, taps[axis+2]*s.strides[axis]-s.pads[axis]+tap[axis+1]*s.dilations[axis])
			}
			if x, inside := position(s.x, at); inside {
				f(i, x, taps[1]*s.filter[1:].Elements()+w)
			}
		}
	}
}

// walk goes over the indices of a shape, the last axis first.
func walk(shape tensor.Shape) func(func(int, []int) bool) {
	return func(yield func(int, []int) bool) {
		for i := range shape.Elements() {
			index, rest := make([]int, len(shape)), i
			for axis, d := range slices.Backward(shape) {
				index[axis], rest = rest%d, rest/d
			}
			if !yield(i, index) {
				return
			}
		}
	}
}

// position is the inverse of walk, for indices that may lie outside.
func position(shape tensor.Shape, index []int) (i int, inside bool) {
	for axis, d := range shape {
		if index[axis] < 0 || index[axis] >= d {
			return 0, false
		}
		i = i*d + index[axis]
	}
	return i, true
}

var convolutions = []struct {
	line string // of an ONNX node; the weights are the second input
	sliding
}{
	{"Conv f:2x4x7 =f:6x2x3 group=2", sliding{out: []int{5}, strides: []int{1}, dilations: []int{1}, pads: []int{0}, groups: 2}},
	{"Conv f:1x4x9 =f:4x1x3 group=4 strides=[2] pads=[2,1] dilations=[2]", sliding{out: []int{4}, strides: []int{2}, dilations: []int{2}, pads: []int{2}, groups: 4}},
	{"Conv f:1x2x6x5 =f:3x2x2x3 strides=[2,1] pads=[1,0,0,2]", sliding{out: []int{3, 5}, strides: []int{2, 1}, dilations: []int{1, 1}, pads: []int{1, 0}, groups: 1}},
	{"Conv f:2x6x5x5 =f:3x2x2x2 group=3 dilations=[2,3]", sliding{out: []int{3, 2}, strides: []int{1, 1}, dilations: []int{2, 3}, pads: []int{0, 0}, groups: 3}},
	{"Conv f:1x1x5x6 =f:2x1x2x2 auto_pad=SAME_LOWER", sliding{out: []int{5, 6}, strides: []int{1, 1}, dilations: []int{1, 1}, pads: []int{1, 1}, groups: 1}},
	{"Conv f:1x1x5x6 =f:2x1x2x2 auto_pad=SAME_UPPER", sliding{out: []int{5, 6}, strides: []int{1, 1}, dilations: []int{1, 1}, pads: []int{0, 0}, groups: 1}},
	{"Conv f:1x1x5x6 =f:2x1x3x3 auto_pad=SAME_LOWER strides=[2,2]", sliding{out: []int{3, 3}, strides: []int{2, 2}, dilations: []int{1, 1}, pads: []int{1, 1}, groups: 1}},
	{"Conv f:1x2x3x4x5 =f:2x1x2x2x2 group=2 strides=[1,2,1] pads=[1,0,0,0,0,1]", sliding{out: []int{3, 2, 5}, strides: []int{1, 2, 1}, dilations: []int{1, 1, 1}, pads: []int{1, 0, 0}, groups: 2}},
}

// Known weights are one op, weights that come when the model runs a sum of
// matrix products; of whole numbers both are exact.
func TestConvolutionsAsLoops(t *testing.T) {
	for _, c := range convolutions {
		for _, w := range []string{"=f:", "f:"} {
			line := strings.Replace(c.line, "=f:", w, 1)
			t.Run(line, func(t *testing.T) {
				n := written(line)
				s := c.sliding
				x := ramp[float32](shapeOf(n.Graph.Inputs[0])...)
				s.x = x.Shape
				weights := weightsOf(n)
				s.filter = weights.Shape
				want := make([]float32, s.x[0]*s.filter[0]*tensor.Shape(s.out).Elements())
				xs, ws := tensor.Elements[float32](x), tensor.Elements[float32](weights)
				s.each(func(y, x, w int) { want[y] += xs[x] * ws[w] })
				checkFloats(t, n.results(t, fed(n, x, weights)...)[0], append(tensor.Shape{s.x[0], s.filter[0]}, s.out...), want)
			})
		}
	}
}

// A transposed convolution adds to what a convolution reads.
func TestTransposedConvolutionsAsLoops(t *testing.T) {
	for _, c := range []struct {
		line string
		sliding
		size []int // of the result
	}{
		{"ConvTranspose f:1x2x4 =f:2x3x3 strides=[2]", sliding{strides: []int{2}, dilations: []int{1}, pads: []int{0}, groups: 1}, []int{9}},
		{"ConvTranspose f:2x4x4 =f:4x1x3 strides=[3] group=2 pads=[1,0] output_padding=[2]", sliding{strides: []int{3}, dilations: []int{1}, pads: []int{1}, groups: 2}, []int{13}},
		{"ConvTranspose f:1x2x3x3 =f:2x3x3x3 strides=[2,2] pads=[1,1,1,1] output_padding=[1,0]", sliding{strides: []int{2, 2}, dilations: []int{1, 1}, pads: []int{1, 1}, groups: 1}, []int{6, 5}},
		{"ConvTranspose f:1x2x3x4 =f:2x1x2x2 dilations=[2,2] group=2", sliding{strides: []int{1, 1}, dilations: []int{2, 2}, pads: []int{0, 0}, groups: 2}, []int{5, 6}},
		{"ConvTranspose f:1x1x3x3 =f:1x2x3x3 strides=[2,2] auto_pad=SAME_UPPER", sliding{strides: []int{2, 2}, dilations: []int{1, 1}, pads: []int{0, 0}, groups: 1}, []int{6, 6}},
		{"ConvTranspose f:1x1x3x3 =f:1x2x3x3 strides=[2,2] auto_pad=SAME_LOWER", sliding{strides: []int{2, 2}, dilations: []int{1, 1}, pads: []int{1, 1}, groups: 1}, []int{6, 6}},
		{"ConvTranspose f:1x1x3x3 =f:1x2x3x3 strides=[3,2] output_shape=[10,8]", sliding{strides: []int{3, 2}, dilations: []int{1, 1}, pads: []int{0, 0}, groups: 1}, []int{10, 8}},
		{"ConvTranspose f:1x2x2x3x2 =f:2x1x2x2x2 strides=[1,2,2]", sliding{strides: []int{1, 2, 2}, dilations: []int{1, 1, 1}, pads: []int{0, 0, 0}, groups: 1}, []int{3, 6, 4}},
	} {
		for _, w := range []string{"=f:", "f:"} {
			line := strings.Replace(c.line, "=f:", w, 1)
			t.Run(line, func(t *testing.T) {
				n := written(line)
				x := ramp[float32](shapeOf(n.Graph.Inputs[0])...)
				weights := weightsOf(n)
				s := c.sliding // as the convolution whose gradient this is
				s.filter, s.out = weights.Shape, x.Shape[2:]
				s.x = append(tensor.Shape{x.Shape[0], s.filter[1] * s.groups}, c.size...)
				want := make([]float32, s.x.Elements())
				xs, ws := tensor.Elements[float32](x), tensor.Elements[float32](weights)
				s.each(func(y, x, w int) { want[x] += xs[y] * ws[w] })
				checkFloats(t, n.results(t, fed(n, x, weights)...)[0], s.x, want)
			})
		}
	}
}

// Pooling windows at the borders, for x = 1, 2, 3, …
func TestPoolingAtTheBorders(t *testing.T) {
	for line, want := range map[string][]float32{
		"MaxPool f:1x1x7 kernel_shape=[3] strides=[3] ceil_mode=1": {3, 6, 7},
		// A last window that would start in the padding is left out.
		"MaxPool f:1x1x4 kernel_shape=[2] strides=[3] pads=[1,1] ceil_mode=1":                         {1, 4},
		"MaxPool f:1x1x5 kernel_shape=[2] strides=[3] pads=[0,2] ceil_mode=1":                         {2, 5},
		"MaxPool f:1x1x6 kernel_shape=[2] strides=[3] pads=[0,1] ceil_mode=1":                         {2, 5},
		"MaxPool f:1x1x5 kernel_shape=[2] auto_pad=SAME_LOWER":                                        {1, 2, 3, 4, 5},
		"MaxPool f:1x1x5 kernel_shape=[2] auto_pad=SAME_UPPER":                                        {2, 3, 4, 5, 5},
		"MaxPool f:1x1x6 kernel_shape=[3] strides=[2] auto_pad=SAME_LOWER":                            {2, 4, 6},
		"MaxPool f:1x1x6 kernel_shape=[3] strides=[2] auto_pad=VALID":                                 {3, 5},
		"MaxPool f:1x1x5 kernel_shape=[2] dilations=[3]":                                              {4, 5},
		"AveragePool f:1x1x5 kernel_shape=[2] strides=[2] ceil_mode=1":                                {1.5, 3.5, 5},
		"AveragePool f:1x1x5 kernel_shape=[2] strides=[2] ceil_mode=1 count_include_pad=1":            {1.5, 3.5, 5},
		"AveragePool f:1x1x4 kernel_shape=[2] strides=[2] pads=[1,1] count_include_pad=1":             {0.5, 2.5, 2},
		"AveragePool f:1x1x4 kernel_shape=[2] strides=[2] pads=[1,1]":                                 {1, 2.5, 4},
		"AveragePool f:1x1x5 kernel_shape=[3] strides=[3] pads=[1,0] ceil_mode=1 count_include_pad=1": {1, 4},
		"AveragePool f:1x1x4 kernel_shape=[3] strides=[3] pads=[0,1] ceil_mode=1 count_include_pad=1": {2, 2},
		"AveragePool f:1x1x4 kernel_shape=[2] auto_pad=SAME_LOWER":                                    {1, 1.5, 2.5, 3.5},
		"AveragePool f:1x1x5 kernel_shape=[2] dilations=[2]":                                          {2, 3, 4},
	} {
		n := written(line)
		x := make([]float32, shapeOf(n.Graph.Inputs[0]).Elements())
		for i := range x {
			x[i] = float32(i + 1)
		}
		t.Run(line, func(t *testing.T) {
			checkFloats(t, n.results(t, of(tensor.Shape{1, 1, len(x)}, x...))[0], tensor.Shape{1, 1, len(want)}, want)
		})
	}
}

func shapeOf(v proto.Value) tensor.Shape {
	shape := tensor.Shape{}
	for _, d := range v.Type.Shape {
		shape = append(shape, int(d.Length))
	}
	return shape
}

// weightsOf puts numbers into the first initializer, or makes up what to feed
// the second input.
func weightsOf(n *network) tensor.Tensor {
	if len(n.Graph.Inputs) > 1 {
		return ramp[float32](shapeOf(n.Graph.Inputs[1])...)
	}
	shape := []int{}
	for _, d := range n.Graph.Initializers[0].Dims {
		shape = append(shape, int(d))
	}
	w := ramp[float32](shape...)
	n.Graph.Initializers[0].Raw = w.Data
	return w
}

// fed returns as many of the values as the model has inputs.
func fed(n *network, values ...tensor.Tensor) []tensor.Tensor { return values[:len(n.Graph.Inputs)] }

func checkFloats(t *testing.T, got tensor.Tensor, shape tensor.Shape, want []float32) {
	t.Helper()
	if !got.Shape.Equal(shape) {
		t.Fatalf("shape is %v, want %v", got.Shape, shape)
	}
	if list := tensor.Elements[float32](got); !slices.Equal(list, want) {
		t.Errorf("%v, want %v", list, want)
	}
}

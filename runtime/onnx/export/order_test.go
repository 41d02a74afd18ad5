package export

import (
	"slices"
	"testing"

	"megl-edge/runtime/tensor"
)

func TestOrders(t *testing.T) {
	image := tensor.Shape{1, 5, 7, 3}
	nchw := channelsFirst(4)
	for name, c := range map[string]struct{ got, want []int }{
		"channels first":           {nchw, []int{0, 3, 1, 2}},
		"channels first, 2 axes":   {channelsFirst(2), []int{0, 1}},
		"matrix":                   {matrixTransposed(3), []int{0, 2, 1}},
		"shape":                    {nchw.of(image), []int{1, 3, 5, 7}},
		"place of the channels":    {[]int{nchw.place(3)}, []int{1}},
		"places of height, width":  {nchw.places([]int{1, 2}), []int{2, 3}},
		"without channels":         {nchw.without([]int{3}), []int{0, 1, 2}},
		"without batch and height": {nchw.without([]int{0, 1}), []int{1, 0}},
		"without nothing":          {nchw.without(nil), nchw},
		"widened":                  {order{1, 0}.widened(4), []int{0, 1, 3, 2}},
		"to channels first":        {plain(4).to(nchw), []int{0, 3, 1, 2}},
		"from channels first":      {nchw.to(plain(4)), []int{0, 2, 3, 1}},
		"transposed to NCHW":       {nchw.transposed([]int{0, 3, 1, 2}), []int{0, 1, 2, 3}},
	} {
		if !slices.Equal(c.got, c.want) {
			t.Errorf("%s: %v, want %v", name, c.got, c.want)
		}
	}
}

func TestSameElements(t *testing.T) {
	for _, c := range []struct {
		shape tensor.Shape
		want  bool
	}{{tensor.Shape{1, 1, 1, 3}, true}, {tensor.Shape{1, 5, 7, 1}, true}, {tensor.Shape{1, 5, 1, 3}, false}} {
		if got := sameElements(c.shape, plain(4), channelsFirst(4)); got != c.want {
			t.Errorf("%v: %v, want %v", c.shape, got, c.want)
		}
	}
}

func TestPermuted(t *testing.T) {
	x := tensor.Must(tensor.Of(tensor.Shape{2, 3, 1, 2}, []int32{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}))
	y := permuted(x, channelsFirst(4))
	want := []int32{0, 2, 4, 1, 3, 5, 6, 8, 10, 7, 9, 11}
	if got := tensor.View[int32](y.Data); !y.Shape.Equal(tensor.Shape{2, 2, 3, 1}) || !slices.Equal(got, want) {
		t.Errorf("%v %v, want %v", y.Shape, got, want)
	}
	wide := permuted(tensor.Must(tensor.Of(tensor.Shape{3}, []int32{7, 8, 9})), channelsFirst(4))
	if !wide.Shape.Equal(tensor.Shape{1, 3, 1, 1}) || !slices.Equal(tensor.View[int32](wide.Data), []int32{7, 8, 9}) {
		t.Errorf("widened: %v %v", wide.Shape, wide.Data)
	}
}

// A transposition by its inverse brings every element back.
func TestPermutedBack(t *testing.T) {
	elements := make([]uint8, 2*3*5*7)
	for i := range elements {
		elements[i] = uint8(i)
	}
	x := tensor.Must(tensor.Of(tensor.Shape{2, 3, 5, 7}, elements))
	for _, o := range []order{{3, 1, 0, 2}, {2, 0, 3, 1}, channelsFirst(4), {3, 2, 1, 0}} {
		y := permuted(x, o)
		back := permuted(y, o.to(plain(4)))
		if !back.Shape.Equal(x.Shape) || !slices.Equal(back.Data, x.Data) {
			t.Errorf("order %v: not what it was", o)
		}
		if slices.Equal(y.Data, x.Data) {
			t.Errorf("order %v changes nothing", o)
		}
	}
}

func TestNames(t *testing.T) {
	n := newNames()
	n.taken["a_2"] = true
	for _, want := range []string{"a", "a_3", "a_4"} {
		if got := n.free("a"); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

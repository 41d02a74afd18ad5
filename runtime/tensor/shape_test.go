package tensor_test

import (
	"math"
	"slices"
	"testing"

	"megl-edge/runtime/tensor"
)

func TestShapeCheck(t *testing.T) {
	for _, c := range []struct {
		shape tensor.Shape
		size  int
		want  string // "": it is fine
	}{
		{nil, 8, ""},
		{tensor.Shape{1, 224, 224, 3}, 4, ""},
		{tensor.Shape{math.MaxInt32}, 1, ""},
		{tensor.Shape{0, 7}, 4, ""},
		{slices.Repeat(tensor.Shape{1}, tensor.MaxRank), 4, ""},
		{slices.Repeat(tensor.Shape{1}, tensor.MaxRank+1), 4, "a shape of 65 dimensions, at most 64"},
		{tensor.Shape{math.MaxInt32}, 2, "more than 2 GiB"},
		{tensor.Shape{1 << 16, 1 << 15}, 1, "more than 2 GiB"},
		{tensor.Shape{0, 1 << 16, 1 << 16}, 1, "more than 2 GiB"},
		{tensor.Shape{1 << 16, 1 << 16, 0}, 1, "more than 2 GiB"},
		{tensor.Shape{math.MaxInt, math.MaxInt}, 1, "more than 2 GiB"},
		{tensor.Shape{-1}, 1, "shape -1 has a negative dimension"},
		{tensor.Shape{0, math.MinInt}, 1, "negative dimension"},
	} {
		err := c.shape.Check(c.size)
		if c.want != "" {
			checkMessage(t, err, c.want)
		} else if err != nil {
			t.Errorf("shape %v is refused: %v", c.shape, err)
		}
	}
}

func TestShapeElements(t *testing.T) {
	for want, shape := range map[int]tensor.Shape{1: {}, 6: {2, 1, 3}, 0: {5, 0, 7}} {
		if got := shape.Elements(); got != want {
			t.Errorf("shape %v has %d elements, want %d", shape, got, want)
		}
	}
	panics(t, "tensor: shape -1×-2 has a negative dimension", func() { tensor.Shape{-1, -2}.Elements() })
	panics(t, "tensor: shape 65536×65536 takes more than 2 GiB", func() { tensor.Shape{1 << 16, 1 << 16}.Elements() })
}

func TestShapeString(t *testing.T) {
	for want, shape := range map[string]tensor.Shape{"scalar": {}, "7": {7}, "1×224×3": {1, 224, 3}} {
		if got := shape.String(); got != want {
			t.Errorf("shape is written %q, want %q", got, want)
		}
	}
}

func TestShapeClone(t *testing.T) {
	s := tensor.Shape{1, 2}
	c := s.Clone()
	c[0] = 9
	if !s.Equal(tensor.Shape{1, 2}) || s.Equal(c) || s.Equal(tensor.Shape{1}) || tensor.Shape(nil).Clone() == nil {
		t.Errorf("clone of %v is %v", s, c)
	}
}

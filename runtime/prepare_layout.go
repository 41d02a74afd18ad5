package runtime

import (
	"fmt"
	"math"

	"megl-edge/kernels"
	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

// movable is a task constructor for each element size: operators that only move
// values care for nothing else.
func movable(y, x tensor.Tensor, move1 func(y, x []uint8) kernels.Task, move4 func(y, x []uint32) kernels.Task) kernels.Task {
	if y.DType.Size() == 1 {
		return move1(tensor.View[uint8](y.Data), tensor.View[uint8](x.Data))
	}
	return move4(tensor.View[uint32](y.Data), tensor.View[uint32](x.Data))
}

// checkMovable fails for element sizes that movable does not know.
func checkMovable(t tensor.Type) error {
	if size := t.DType.Size(); size != 1 && size != 4 {
		return fmt.Errorf("values of type %v cannot be moved", t.DType)
	}
	return nil
}

// strided returns a kernel that reads its input with other strides.
func strided(o *operation, strides []int, offset int) (kernel, error) {
	if err := checkMovable(o.Type); err != nil {
		return kernel{}, err
	}
	return plain("move", func(y tensor.Tensor, in []tensor.Tensor) kernels.Task {
		return movable(y, in[0],
			func(y, x []uint8) kernels.Task { return kernels.Strided(o.Type.Shape, strides, offset, y, x) },
			func(y, x []uint32) kernels.Task { return kernels.Strided(o.Type.Shape, strides, offset, y, x) })
	})
}

func prepareBroadcast(o *operation) (kernel, error) {
	return strided(o, kernels.BroadcastStrides(o.in(0).Shape, o.Type.Shape), 0)
}

func prepareTranspose(o *operation) (kernel, error) {
	from := kernels.Strides(o.in(0).Shape)
	strides := make([]int, len(from))
	for i, p := range o.Attr.(graph.Transpose).Perm {
		strides[i] = from[p]
	}
	return strided(o, strides, 0)
}

func prepareSlice(o *operation) (kernel, error) {
	strides := kernels.Strides(o.in(0).Shape)
	return strided(o, strides, offset(strides, o.Attr.(graph.Slice).Start))
}

func offset(strides, start []int) int {
	at := 0
	for axis, stride := range strides {
		at += stride * start[axis]
	}
	return at
}

func preparePad(o *operation) (kernel, error) {
	if err := checkMovable(o.Type); err != nil {
		return kernel{}, err
	}
	a, strides := o.Attr.(graph.Pad), kernels.Strides(o.Type.Shape)
	at := offset(strides, a.Before)
	value, bits := padding(o.Type, a.Value)
	return plain("pad", func(y tensor.Tensor, in []tensor.Tensor) kernels.Task {
		shape := in[0].Shape
		return movable(y, in[0],
			func(y, x []uint8) kernels.Task { return kernels.Place(shape, strides, at, y, x, true, value) },
			func(y, x []uint32) kernels.Task { return kernels.Place(shape, strides, at, y, x, true, bits) })
	})
}

// padding returns the bits of a real value in type t, one byte or four.
func padding(t tensor.Type, v float32) (one uint8, four uint32) {
	switch {
	case t.Quant != nil:
		full := graph.QuantizedTo(t.Quant.Scale[0], t.Quant.ZeroPoint[0])
		return uint8(outputS8(full).Quantize(v / full.Scale)), 0
	case t.DType == tensor.Float32:
		return 0, math.Float32bits(v)
	}
	return uint8(int32(v)), uint32(int32(v))
}

func prepareConcat(o *operation) (kernel, error) {
	if err := checkMovable(o.Type); err != nil {
		return kernel{}, err
	}
	axis, strides := o.Attr.(graph.Axis).Axis, kernels.Strides(o.Type.Shape)
	return plain("concatenate", func(y tensor.Tensor, in []tensor.Tensor) kernels.Task {
		parts := make([]kernels.Task, len(in))
		at := 0
		for i, x := range in {
			from := at * strides[axis]
			parts[i] = movable(y, x,
				func(y, x2 []uint8) kernels.Task { return kernels.Place(x.Shape, strides, from, y, x2, false, 0) },
				func(y, x2 []uint32) kernels.Task { return kernels.Place(x.Shape, strides, from, y, x2, false, 0) })
			at += x.Shape[axis]
		}
		return kernels.Func(func() {
			for _, part := range parts {
				part.Tile(0, nil)
			}
		})
	})
}

func prepareGather(o *operation) (kernel, error) {
	if err := checkMovable(o.Type); err != nil {
		return kernel{}, err
	}
	axis, x := o.Attr.(graph.Axis).Axis, o.in(0).Shape
	outer, inner := x[:axis].Elements(), x[axis+1:].Elements()
	return plain("gather", func(y tensor.Tensor, in []tensor.Tensor) kernels.Task {
		indices := tensor.Elements[int32](in[1])
		return movable(y, in[0],
			func(y, v []uint8) kernels.Task { return kernels.Gather(outer, x[axis], inner, y, v, indices) },
			func(y, v []uint32) kernels.Task { return kernels.Gather(outer, x[axis], inner, y, v, indices) })
	})
}

func prepareArgMax(o *operation) (kernel, error) {
	x := o.in(0).Shape
	return plain("arg max", func(y tensor.Tensor, in []tensor.Tensor) kernels.Task {
		return kernels.ArgMaxF32(tensor.Elements[int32](y), f32(in[0]), x[len(x)-1])
	})
}

func prepareOneHot(o *operation) (kernel, error) {
	depth := o.Attr.(graph.OneHot).Depth
	return plain("one-hot", func(y tensor.Tensor, in []tensor.Tensor) kernels.Task {
		return kernels.OneHot(depth, f32(y), tensor.Elements[int32](in[0]))
	})
}

func prepareGreater(o *operation) (kernel, error) {
	return plain("compare", func(y tensor.Tensor, in []tensor.Tensor) kernels.Task {
		out := tensor.Elements[bool](y)
		if in[0].DType == tensor.Int32 {
			return kernels.Greater(y.Shape, in[0].Shape, in[1].Shape, out, tensor.Elements[int32](in[0]), tensor.Elements[int32](in[1]))
		}
		return kernels.Greater(y.Shape, in[0].Shape, in[1].Shape, out, f32(in[0]), f32(in[1]))
	})
}

func prepareSelect(*operation) (kernel, error) {
	return plain("select", func(y tensor.Tensor, in []tensor.Tensor) kernels.Task {
		return kernels.Select(y.Shape, in[0].Shape, in[1].Shape, in[2].Shape, tensor.View[uint32](y.Data),
			tensor.Elements[bool](in[0]), tensor.View[uint32](in[1].Data), tensor.View[uint32](in[2].Data))
	})
}

func prepareCast(o *operation) (kernel, error) {
	return plain("cast to float32", func(y tensor.Tensor, in []tensor.Tensor) kernels.Task {
		out := f32(y)
		switch x := in[0]; x.DType {
		case tensor.Bool:
			return kernels.MapUnary(out, tensor.Elements[bool](x), func(v bool) float32 {
				if v {
					return 1
				}
				return 0
			})
		case tensor.UInt8:
			return kernels.MapUnary(out, tensor.Elements[uint8](x), func(v uint8) float32 { return float32(v) })
		case tensor.Int8:
			return kernels.MapUnary(out, s8(x), func(v int8) float32 { return float32(v) })
		case tensor.Int32:
			return kernels.MapUnary(out, tensor.Elements[int32](x), func(v int32) float32 { return float32(v) })
		}
		return kernels.MapUnary(out, f32(in[0]), func(v float32) float32 { return v })
	})
}

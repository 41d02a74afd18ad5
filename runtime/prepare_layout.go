package runtime

import (
	"math"

	"megl-edge/kernels"
	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

// mover is a task constructor for one element size: operators that only move
// values care for nothing else.
type mover[T any] func(y, x []T) kernels.Task

// movable calls the constructor for the size of the elements.
func movable(y, x tensor.Tensor, move1 mover[uint8], move2 mover[uint16], move4 mover[uint32], move8 mover[uint64]) kernels.Task {
	switch y.DType.Size() {
	case 1:
		return move1(tensor.View[uint8](y.Data), tensor.View[uint8](x.Data))
	case 2:
		return move2(tensor.View[uint16](y.Data), tensor.View[uint16](x.Data))
	case 4:
		return move4(tensor.View[uint32](y.Data), tensor.View[uint32](x.Data))
	}
	return move8(tensor.View[uint64](y.Data), tensor.View[uint64](x.Data))
}

// strided returns a kernel that reads its input with other strides.
func strided(o *operation, strides []int, offset int) (kernel, error) {
	return plain("move", func(y tensor.Tensor, in []tensor.Tensor) kernels.Task {
		return movable(y, in[0],
			func(y, x []uint8) kernels.Task { return kernels.Strided(o.Type.Shape, strides, offset, y, x) },
			func(y, x []uint16) kernels.Task { return kernels.Strided(o.Type.Shape, strides, offset, y, x) },
			func(y, x []uint32) kernels.Task { return kernels.Strided(o.Type.Shape, strides, offset, y, x) },
			func(y, x []uint64) kernels.Task { return kernels.Strided(o.Type.Shape, strides, offset, y, x) })
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
	a, strides := o.Attr.(graph.Pad), kernels.Strides(o.Type.Shape)
	at := offset(strides, a.Before)
	bits := padding(o.Type, a.Value)
	return plain("pad", func(y tensor.Tensor, in []tensor.Tensor) kernels.Task {
		shape := in[0].Shape
		return movable(y, in[0],
			func(y, x []uint8) kernels.Task { return kernels.Place(shape, strides, at, y, x, true, uint8(bits)) },
			func(y, x []uint16) kernels.Task { return kernels.Place(shape, strides, at, y, x, true, uint16(bits)) },
			func(y, x []uint32) kernels.Task { return kernels.Place(shape, strides, at, y, x, true, uint32(bits)) },
			func(y, x []uint64) kernels.Task { return kernels.Place(shape, strides, at, y, x, true, uint64(bits)) })
	})
}

// padding returns the bits of a real value in type t, in as many low bytes as an
// element has.
func padding(t tensor.Type, v float32) uint64 {
	switch {
	case t.Quant != nil:
		full := graph.QuantizedTo(t.Quant.Scale[0], t.Quant.ZeroPoint[0])
		return uint64(outputS8(full).Quantize(v / full.Scale))
	case t.DType == tensor.Float32:
		return uint64(math.Float32bits(v))
	}
	return 0 // all that other types are padded with
}

func prepareConcat(o *operation) (kernel, error) {
	axis, strides := o.Attr.(graph.Axis).Axis, kernels.Strides(o.Type.Shape)
	return plain("concatenate", func(y tensor.Tensor, in []tensor.Tensor) kernels.Task {
		parts := make([]kernels.Task, len(in))
		at := 0
		for i, x := range in {
			from := at * strides[axis]
			parts[i] = movable(y, x,
				func(y, x2 []uint8) kernels.Task { return kernels.Place(x.Shape, strides, from, y, x2, false, 0) },
				func(y, x2 []uint16) kernels.Task { return kernels.Place(x.Shape, strides, from, y, x2, false, 0) },
				func(y, x2 []uint32) kernels.Task { return kernels.Place(x.Shape, strides, from, y, x2, false, 0) },
				func(y, x2 []uint64) kernels.Task { return kernels.Place(x.Shape, strides, from, y, x2, false, 0) })
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
	axis, x := o.Attr.(graph.Axis).Axis, o.in(0).Shape
	outer, inner := x[:axis].Elements(), x[axis+1:].Elements()
	return plain("gather", func(y tensor.Tensor, in []tensor.Tensor) kernels.Task {
		indices := tensor.Elements[int32](in[1])
		return movable(y, in[0],
			func(y, v []uint8) kernels.Task { return kernels.Gather(outer, x[axis], inner, y, v, indices) },
			func(y, v []uint16) kernels.Task { return kernels.Gather(outer, x[axis], inner, y, v, indices) },
			func(y, v []uint32) kernels.Task { return kernels.Gather(outer, x[axis], inner, y, v, indices) },
			func(y, v []uint64) kernels.Task { return kernels.Gather(outer, x[axis], inner, y, v, indices) })
	})
}

func prepareGatherElements(o *operation) (kernel, error) {
	axis, shape, from := o.Attr.(graph.Axis).Axis, o.Type.Shape, o.in(0).Shape
	return plain("gather elements", func(y tensor.Tensor, in []tensor.Tensor) kernels.Task {
		indices := tensor.Elements[int32](in[1])
		return movable(y, in[0],
			func(y, x []uint8) kernels.Task { return kernels.GatherElements(shape, from, axis, y, x, indices) },
			func(y, x []uint16) kernels.Task { return kernels.GatherElements(shape, from, axis, y, x, indices) },
			func(y, x []uint32) kernels.Task { return kernels.GatherElements(shape, from, axis, y, x, indices) },
			func(y, x []uint64) kernels.Task { return kernels.GatherElements(shape, from, axis, y, x, indices) })
	})
}

func prepareScatterAddElements(o *operation) (kernel, error) {
	a, from := o.Attr.(graph.Scatter), o.in(0).Shape
	return plain("scatter and add", func(y tensor.Tensor, in []tensor.Tensor) kernels.Task {
		return kernels.ScatterAddElementsF32(a.Shape, from, a.Axis, f32(y), f32(in[0]), tensor.Elements[int32](in[1]))
	})
}

func prepareOneHot(o *operation) (kernel, error) {
	depth := o.Attr.(graph.OneHot).Depth
	return plain("one-hot", func(y tensor.Tensor, in []tensor.Tensor) kernels.Task {
		return kernels.OneHot(depth, f32(y), tensor.Elements[int32](in[0]))
	})
}

// prepareSelect moves one of two values, whatever their type.
func prepareSelect(*operation) (kernel, error) {
	return plain("select", func(y tensor.Tensor, in []tensor.Tensor) kernels.Task {
		switch y.DType.Size() {
		case 1:
			return selection[uint8](y, in)
		case 2:
			return selection[uint16](y, in)
		case 4:
			return selection[uint32](y, in)
		}
		return selection[uint64](y, in)
	})
}

func selection[T tensor.Element](y tensor.Tensor, in []tensor.Tensor) kernels.Task {
	return kernels.Select(y.Shape, in[0].Shape, in[1].Shape, in[2].Shape, tensor.View[T](y.Data),
		tensor.Elements[bool](in[0]), tensor.View[T](in[1].Data), tensor.View[T](in[2].Data))
}

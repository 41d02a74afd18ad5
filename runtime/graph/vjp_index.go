package graph

import (
	"slices"

	"megl-edge/runtime/tensor"
)

// The gradient rules of what takes elements out of others, by an index or because
// they are the greatest: their adjoints go where the elements came from.

// vjpMaxPool adds the adjoint of each window to the pixel that the window took:
// the first one of the greatest, in row-major order.
func vjpMaxPool(c *adjoint) []ID {
	x, y := c.shape(0), c.node.Type.Shape
	taken := c.Apply(OpArgMaxPool, "", c.node.Attr, c.node.Inputs[0])
	windows := tensor.Shape{y[0], y[1] * y[2], y[3]}
	at := Scatter{Axis: 1, Shape: tensor.Shape{x[0], x[1] * x[2], x[3]}}
	dx := c.Apply(OpScatterAddElements, "", at, c.Reshape(c.dy, windows), c.Reshape(taken, windows))
	return []ID{c.Reshape(dx, x)}
}

// vjpReduceExtreme gives the adjoint to the element that was taken: the first
// one of equals, in row-major order of the reduced axes.
func vjpReduceExtreme(c *adjoint) []ID {
	x := c.node.Inputs[0]
	rows, back := c.reducedLast(x)
	taken := c.Apply(OpArgTopK, "", TopK{K: 1, Least: c.node.Op == OpReduceMin}, rows)
	at := Scatter{Axis: 1, Shape: c.Shape(rows)}
	return []ID{back(c.Apply(OpScatterAddElements, "", at, c.Reshape(c.dy, c.Shape(taken)), taken))}
}

// vjpReduceProd multiplies the adjoint with the product of the other elements,
// which a zero among them does not spoil.
func vjpReduceProd(c *adjoint) []ID {
	rows, back := c.reducedLast(c.in(0))
	s := c.Shape(rows)
	if c.err != nil {
		return []ID{None}
	}
	count, n := s[0], s[1]
	all := make([]int32, n)
	for i := range all {
		all[i] = int32(i)
	}
	index := c.Constant("index", tensor.Must(tensor.Of(tensor.Shape{n}, all)))
	itself := c.Apply(OpEqual, "", nil, index, c.Reshape(index, tensor.Shape{n, 1}))
	others := c.Apply(OpSelect, "", nil, itself, c.Scalar(1), c.Reshape(rows, tensor.Shape{count, 1, n}))
	product := c.Apply(OpReduceProd, "", Reduce{Axes: []int{2}}, others)
	return []ID{back(c.Mul(c.Reshape(c.dy, tensor.Shape{count, 1}), product))}
}

// reducedLast returns x as rows, each what the node reduces to one element; back
// brings rows to the shape of x.
func (c *adjoint) reducedLast(x ID) (rows ID, back func(ID) ID) {
	shape, axes := c.shape(0), c.node.Attr.(Reduce).Axes
	perm, inverse := make([]int, 0, len(shape)), make([]int, len(shape))
	count, length := 1, 1
	for axis, d := range shape {
		if slices.Contains(axes, axis) {
			length *= d
		} else {
			perm = append(perm, axis)
			count *= d
		}
	}
	perm = append(perm, axes...)
	moved := make(tensor.Shape, len(shape))
	for i, p := range perm {
		moved[i], inverse[p] = shape[p], i
	}
	rows = c.Reshape(c.transposed(x, perm), tensor.Shape{count, length})
	return rows, func(id ID) ID { return c.transposed(c.Reshape(id, moved), inverse) }
}

func (b *Builder) transposed(x ID, perm []int) ID {
	if slices.IsSorted(perm) {
		return x
	}
	return b.Apply(OpTranspose, "", Transpose{perm}, x)
}

// vjpGather adds up the adjoints of all slices that an index gave, in the order
// of the indices.
func vjpGather(c *adjoint) []ID {
	axis, x, indices := c.node.Attr.(Axis).Axis, c.shape(0), c.node.Inputs[1]
	count := c.shape(1).Elements()
	slice := x.Clone()
	slice[axis] = count
	column := make(tensor.Shape, len(x)-axis)
	for i := range column {
		column[i] = 1
	}
	column[0] = count
	each := c.broadcastTo(c.Reshape(indices, column), slice)
	at := Scatter{axis, x.Clone()}
	return []ID{c.Apply(OpScatterAddElements, "", at, c.Reshape(c.dy, slice), each), None}
}

func vjpGatherElements(c *adjoint) []ID {
	at := Scatter{c.node.Attr.(Axis).Axis, c.shape(0).Clone()}
	return []ID{c.Apply(OpScatterAddElements, "", at, c.dy, c.node.Inputs[1]), None}
}

func vjpScatterAddElements(c *adjoint) []ID {
	at := Axis{c.node.Attr.(Scatter).Axis}
	return []ID{c.Apply(OpGatherElements, "", at, c.dy, c.node.Inputs[1]), None}
}

package graph

import (
	"math"
	"slices"
)

// The gradient rules. Each returns the adjoint of every input, given the
// adjoint dy of the result; adjoints of inputs that are not wanted may be None.

func vjpLinear(c *adjoint) []ID {
	adjoints := []ID{
		c.Apply(OpMatMul, "", MatMul{}, c.dy, c.in(1)),
		c.Apply(OpMatMul, "", MatMul{TransposeA: true}, c.dy, c.in(0)),
		c.reduceSum(c.dy, false, 0),
	}
	return adjoints[:len(c.wants)]
}

func vjpMatMul(c *adjoint) []ID {
	at := c.node.Attr.(MatMul)
	a, b := c.in(0), c.in(1)
	product := func(x, y ID, transposeX, transposeY, transposed bool) ID {
		if transposed { // (x·y)ᵀ = yᵀ·xᵀ
			x, y, transposeX, transposeY = y, x, !transposeY, !transposeX
		}
		return c.Apply(OpMatMul, "", MatMul{transposeX, transposeY}, x, y)
	}
	return []ID{
		product(c.dy, b, false, !at.TransposeB, at.TransposeA),
		product(a, c.dy, !at.TransposeA, false, at.TransposeB),
	}
}

func vjpAdd(c *adjoint) []ID {
	return []ID{c.unbroadcast(c.dy, 0), c.unbroadcast(c.dy, 1)}
}

func vjpSub(c *adjoint) []ID {
	return []ID{c.unbroadcast(c.dy, 0), c.unbroadcast(c.Mul(c.dy, c.Scalar(-1)), 1)}
}

func vjpMul(c *adjoint) []ID {
	return []ID{
		c.unbroadcast(c.Mul(c.dy, c.in(1)), 0),
		c.unbroadcast(c.Mul(c.dy, c.in(0)), 1),
	}
}

func vjpDiv(c *adjoint) []ID {
	quotient := c.Div(c.dy, c.in(1)) // dy / b; for b: −y·dy / b
	return []ID{
		c.unbroadcast(quotient, 0),
		c.unbroadcast(c.Mul(c.Mul(quotient, c.out()), c.Scalar(-1)), 1),
	}
}

// vjpClamp lets the adjoint pass where the result lies inside the range. At a
// bound, a kink, the derivative is 0.
func vjpClamp(c *adjoint) []ID {
	return []ID{c.insideRange(c.dy, c.node.Attr.(Clamp))}
}

func (c *adjoint) insideRange(dy ID, r Clamp) ID {
	if math.IsInf(float64(r.Min), -1) && math.IsInf(float64(r.Max), 1) {
		return dy
	}
	return c.Apply(OpClampGrad, "", r, dy, c.out())
}

// vjpClampGrad: it is linear in the adjoint, and constant almost everywhere in the
// value.
func vjpClampGrad(c *adjoint) []ID {
	return []ID{c.Apply(OpClampGrad, "", c.node.Attr, c.dy, c.in(1)), None}
}

func vjpSigmoid(c *adjoint) []ID {
	y := c.out()
	return []ID{c.Mul(c.dy, c.Mul(y, c.Sub(c.Scalar(1), y)))}
}

func vjpSqrt(c *adjoint) []ID { return []ID{c.Div(c.Mul(c.dy, c.Scalar(0.5)), c.out())} }

func vjpExp(c *adjoint) []ID { return []ID{c.Mul(c.dy, c.out())} }

func vjpLog(c *adjoint) []ID { return []ID{c.Div(c.dy, c.in(0))} }

func vjpTanh(c *adjoint) []ID {
	return []ID{c.Mul(c.dy, c.Sub(c.Scalar(1), c.Mul(c.out(), c.out())))}
}

// vjpErf: 2/√π·e^(−x²). No float32 is close enough to 2/√π; the quotient of two is,
// to 10⁻¹³.
func vjpErf(c *adjoint) []ID {
	x := c.in(0)
	bell := c.Apply(OpExp, "", nil, c.Mul(c.Mul(x, x), c.Scalar(-1)))
	return []ID{c.Mul(c.dy, c.Div(c.Mul(bell, c.Scalar(9463566)), c.Scalar(8386867)))}
}

// vjpPow: b·a^(b−1) and aᵇ·ln a, the second for positive bases.
func vjpPow(c *adjoint) []ID {
	adjoints := []ID{None, None}
	if c.wants[0] {
		slope := c.Mul(c.in(1), c.Apply(OpPow, "", nil, c.in(0), c.Sub(c.in(1), c.Scalar(1))))
		adjoints[0] = c.unbroadcast(c.Mul(c.dy, slope), 0)
	}
	if c.wants[1] {
		slope := c.Mul(c.out(), c.Apply(OpLog, "", nil, c.in(0)))
		adjoints[1] = c.unbroadcast(c.Mul(c.dy, slope), 1)
	}
	return adjoints
}

func vjpMaximum(c *adjoint) []ID { return c.chosen(c.in(1), c.in(0)) }

func vjpMinimum(c *adjoint) []ID { return c.chosen(c.in(0), c.in(1)) }

// chosen lets the adjoint pass to the second operand where greater > other, and
// to the first elsewhere.
func (c *adjoint) chosen(greater, other ID) []ID {
	second, zero := c.Apply(OpGreater, "", nil, greater, other), c.Scalar(0)
	return []ID{
		c.unbroadcast(c.Apply(OpSelect, "", nil, second, zero, c.dy), 0),
		c.unbroadcast(c.Apply(OpSelect, "", nil, second, c.dy, zero), 1),
	}
}

func vjpReduceSum(c *adjoint) []ID { return []ID{c.unreduce(c.dy)} }

func vjpReduceMean(c *adjoint) []ID {
	count := c.shape(0).Elements() / max(1, c.node.Type.Shape.Elements())
	return []ID{c.unreduce(c.Div(c.dy, c.Scalar(float32(count))))}
}

// unreduce spreads dy over the axes that the node reduced.
func (c *adjoint) unreduce(dy ID) ID {
	x := c.shape(0)
	kept := x.Clone()
	for _, axis := range c.node.Attr.(Reduce).Axes {
		kept[axis] = 1
	}
	return c.broadcastTo(c.Reshape(dy, kept), x)
}

// vjpCumSum: every element counts in the sums that come after it.
func vjpCumSum(c *adjoint) []ID {
	at := c.node.Attr.(CumSum)
	at.Reverse = !at.Reverse
	return []ID{c.Apply(OpCumSum, "", at, c.dy)}
}

func vjpSoftmax(c *adjoint) []ID {
	y := c.out()
	last := len(c.node.Type.Shape) - 1
	dot := c.reduceSum(c.Mul(c.dy, y), true, last)
	return []ID{c.Mul(y, c.Sub(c.dy, dot))}
}

func vjpReshape(c *adjoint) []ID {
	return []ID{c.Reshape(c.dy, c.shape(0))}
}

func vjpBroadcast(c *adjoint) []ID { return []ID{c.unbroadcast(c.dy, 0)} }

func vjpTranspose(c *adjoint) []ID {
	perm := c.node.Attr.(Transpose).Perm
	inverse := make([]int, len(perm))
	for i, p := range perm {
		inverse[p] = i
	}
	return []ID{c.Apply(OpTranspose, "", Transpose{inverse}, c.dy)}
}

func vjpConcat(c *adjoint) []ID {
	axis := c.node.Attr.(Axis).Axis
	start := make([]int, len(c.node.Type.Shape))
	adjoints := make([]ID, len(c.node.Inputs))
	for i := range c.node.Inputs {
		size := c.shape(i)
		adjoints[i] = c.Apply(OpSlice, "", Slice{slices.Clone(start), size.Clone()}, c.dy)
		start[axis] += size[axis]
	}
	return adjoints
}

func vjpSlice(c *adjoint) []ID {
	at := c.node.Attr.(Slice)
	after := c.shape(0).Clone()
	for i := range after {
		after[i] -= at.Start[i] + at.Size[i]
	}
	return []ID{c.Apply(OpPad, "", Pad{Before: at.Start, After: after}, c.dy)}
}

func vjpPad(c *adjoint) []ID {
	size := c.shape(0).Clone()
	return []ID{c.Apply(OpSlice, "", Slice{c.node.Attr.(Pad).Before, size}, c.dy)}
}

func vjpSelect(c *adjoint) []ID {
	zero := c.Scalar(0)
	condition := c.node.Inputs[0]
	return []ID{
		None,
		c.unbroadcast(c.Apply(OpSelect, "", nil, condition, c.dy, zero), 1),
		c.unbroadcast(c.Apply(OpSelect, "", nil, condition, zero, c.dy), 2),
	}
}

func vjpQuantize(c *adjoint) []ID {
	return []ID{c.insideRange(c.dy, c.node.Attr.(Quantized).Range())}
}

func vjpDequantize(c *adjoint) []ID { return []ID{c.dy} }

// unbroadcast sums dy over the axes along which input i was stretched.
func (c *adjoint) unbroadcast(dy ID, i int) ID {
	from, to := c.Shape(dy), c.shape(i)
	var axes []int
	for axis := range from {
		if j := axis - (len(from) - len(to)); j < 0 || to[j] == 1 && from[axis] != 1 {
			axes = append(axes, axis)
		}
	}
	if len(axes) > 0 {
		dy = c.reduceSum(dy, false, axes...)
	}
	return c.Reshape(dy, to)
}

package graph

import (
	"slices"

	"megl-edge/runtime/tensor"
)

// foldReshape makes two reshapes one, and none of one that changes nothing.
func foldReshape(b *Builder, n *Node) ID {
	in := b.Node(n.Inputs[0])
	if in.Type.Equal(n.Type) {
		return n.Inputs[0]
	}
	if in.Op == OpReshape {
		return b.reshaped(n.Inputs[0], n.Type.Shape)
	}
	return None
}

// reshaped returns x with another shape, without a chain of reshapes.
func (b *Builder) reshaped(x ID, shape tensor.Shape) ID {
	if n := b.Node(x); n.Op == OpReshape {
		x = n.Inputs[0]
	}
	return b.Reshape(x, shape)
}

// foldSameShape removes an op that changes nothing when it keeps the shape.
func foldSameShape(b *Builder, n *Node) ID {
	if b.Type(n.Inputs[0]).Equal(n.Type) {
		return n.Inputs[0]
	}
	return None
}

func foldCast(b *Builder, n *Node) ID {
	if b.Type(n.Inputs[0]).Equal(n.Type) {
		return n.Inputs[0]
	}
	return None
}

func foldTranspose(_ *Builder, n *Node) ID {
	if slices.IsSorted(n.Attr.(Transpose).Perm) {
		return n.Inputs[0]
	}
	return None
}

// foldReduce removes a reduction over axes along which a value was only
// repeated: of equal values the mean, the maximum and the minimum are that
// value, and the sum is a multiple.
func foldReduce(b *Builder, n *Node) ID {
	at := n.Attr.(Reduce)
	if len(at.Axes) == 0 {
		return n.Inputs[0]
	}
	in := b.Node(n.Inputs[0])
	if in.Op != OpBroadcast {
		return None
	}
	source, repeated := in.Inputs[0], in.Type.Shape
	from := b.Shape(source)
	count := 1
	for axis, d := range repeated {
		own := 1
		if j := axis - (len(repeated) - len(from)); j >= 0 {
			own = from[j]
		}
		reduced := slices.Contains(at.Axes, axis)
		if reduced && own != 1 || !reduced && own != d {
			return None
		}
		if reduced {
			count *= d
		}
	}
	value := b.reshaped(source, n.Type.Shape)
	if n.Op == OpReduceSum && count != 1 {
		value = b.Mul(value, b.Scalar(float32(count)))
	}
	return value
}

// foldMatMul turns a product with one-hot rows into a gather of the rows they
// point at, without dequantizing the others. This is what makes Grad-CAM of a
// pooling-plus-linear head plain CAM (Zhou et al., 2016): the gradient of a
// class's logit is the class's row of weights. An index that points at no row
// gives the nearest one, as gather does, instead of zeros.
func foldMatMul(b *Builder, n *Node) ID {
	hot, at := b.Node(n.Inputs[0]), n.Attr.(MatMul)
	if hot.Op != OpOneHot || at.TransposeA || at.TransposeB || len(n.Type.Shape) != 2 {
		return None
	}
	indices, rows := hot.Inputs[0], n.Inputs[1]
	if source := b.Node(rows); source.Op == OpDequantize {
		if row := b.gatherDequantized(source.Inputs[0], indices); row != None {
			return row
		}
	}
	return b.Apply(OpGather, "", Axis{0}, rows, indices)
}

// gatherDequantized returns the real values of the given rows of an int8
// constant, or None where it is none or has no scale for whole rows.
func (b *Builder) gatherDequantized(quantized, indices ID) ID {
	n := *b.Node(quantized)
	if n.Op != OpConstant || n.Type.DType != tensor.Int8 || !n.Type.Quant.IsPerTensor() && n.Type.Quant.Axis != 0 {
		return None
	}
	row := func(suffix string, t tensor.Tensor) ID {
		if t.Shape[0] > 1 {
			return b.Apply(OpGather, n.Name+suffix, Axis{0}, b.Constant(n.Name+suffix+"s", t), indices)
		}
		return b.Constant(n.Name+suffix, t)
	}
	column := func(suffix string, values []float32) ID {
		return row(suffix, tensor.Must(tensor.Of(tensor.Shape{len(values), 1}, values)))
	}
	zeroPoints := make([]float32, len(n.Type.Quant.ZeroPoint))
	for i, z := range n.Type.Quant.ZeroPoint {
		zeroPoints[i] = float32(z)
	}
	integers := b.Apply(OpGather, n.Name+"/row", Axis{0}, b.Constant(n.Name+"/integers", n.Value.WithQuant(nil)), indices)
	real := b.Apply(OpCast, "", Cast{tensor.Float32}, integers)
	if slices.ContainsFunc(zeroPoints, func(z float32) bool { return z != 0 }) {
		real = b.Sub(real, column("/zero_point", zeroPoints))
	}
	return b.Mul(real, column("/scale", n.Type.Quant.Scale))
}

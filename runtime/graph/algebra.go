package graph

import "megl-edge/runtime/tensor"

// The ops that rules and importers write most often.

// Add returns a + b, broadcast.
func (b *Builder) Add(x, y ID) ID { return b.Apply(OpAdd, "", nil, x, y) }

// Sub returns x − y, broadcast.
func (b *Builder) Sub(x, y ID) ID { return b.Apply(OpSub, "", nil, x, y) }

// Mul returns x·y, elementwise and broadcast.
func (b *Builder) Mul(x, y ID) ID { return b.Apply(OpMul, "", nil, x, y) }

// Div returns x/y, elementwise and broadcast.
func (b *Builder) Div(x, y ID) ID { return b.Apply(OpDiv, "", nil, x, y) }

// Reshape returns x with another shape, or x itself where it has that shape.
func (b *Builder) Reshape(x ID, shape tensor.Shape) ID {
	if b.Shape(x).Equal(shape) {
		return x
	}
	return b.Apply(OpReshape, "", Shape{shape.Clone()}, x)
}

func (b *Builder) broadcastTo(x ID, shape tensor.Shape) ID {
	if b.Shape(x).Equal(shape) {
		return x
	}
	return b.Apply(OpBroadcast, "", Shape{shape.Clone()}, x)
}

func (b *Builder) reduceSum(x ID, keepDims bool, axes ...int) ID {
	return b.Apply(OpReduceSum, "", Reduce{axes, keepDims}, x)
}

func (b *Builder) clamp(x ID, r Clamp) ID { return b.Apply(OpClamp, "", r, x) }

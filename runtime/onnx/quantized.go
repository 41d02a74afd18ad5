package onnx

import (
	"fmt"
	"math"
	"slices"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/onnx/proto"
	"megl-edge/runtime/tensor"
)

// step is how one ONNX tensor is quantized: real = scale·(q − zero point), for
// the whole tensor, along an axis, or in blocks along an axis.
type step struct {
	scale, zeroPoint value
	hasZeroPoint     bool
	axis             int
	block            int // elements that share a scale; 0 where there are no blocks
}

// step reads a scale and a zero point among the inputs.
func (c *call) step(scale, zeroPoint, axis, block int) step {
	s := step{scale: c.in[scale], axis: axis, block: block}
	if c.has(zeroPoint) {
		s.zeroPoint, s.hasZeroPoint = c.in[zeroPoint], true
	}
	return s
}

// known returns the scale and zero point as the graph has them, for int8 values,
// or uint8 ones stored less 128; ok is false where they are only known at run
// time, or are no valid quantization.
func (im *importer) known(s step, x tensor.Shape, unsigned bool) (q *tensor.Quantization, ok bool) {
	scale, ok := im.constantOf(s.scale)
	if !ok || scale.DType != tensor.Float32 || len(scale.Shape) > 1 || s.block != 0 {
		return nil, false
	}
	q = &tensor.Quantization{Scale: tensor.Elements[float32](scale), Axis: s.axis}
	q.ZeroPoint = make([]int32, len(q.Scale))
	if s.hasZeroPoint {
		zeroPoint, ok := im.constantOf(s.zeroPoint)
		if !ok || zeroPoint.Shape.Elements() != len(q.Scale) {
			return nil, false
		}
		wide, err := runtimeCast(zeroPoint, tensor.Int32)
		if err != nil {
			im.fail(err)
			return nil, false
		}
		copy(q.ZeroPoint, tensor.Elements[int32](wide))
	}
	if unsigned {
		for i := range q.ZeroPoint {
			q.ZeroPoint[i] -= 128
		}
	}
	if len(q.Scale) == 1 {
		q.Axis = 0
	}
	return q, len(q.Scale) > 0 && q.Check(tensor.Int8, x) == nil
}

// spreadSteps returns scales or zero points so that they combine with x in its plain
// order.
func (im *importer) spreadSteps(v value, x tensor.Shape, s step) (graph.ID, error) {
	id, shape := im.plain(v), im.shape(v)
	switch {
	case shape.Elements() == 1:
		return im.reshapedNode(id, tensor.Shape{}), nil
	case s.block != 0 && len(shape) == len(x):
		apart := append(append(shape[:s.axis+1].Clone(), 1), shape[s.axis+1:]...)
		wide := apart.Clone()
		wide[s.axis+1] = s.block
		joined := shape.Clone()
		joined[s.axis] *= s.block
		y := im.reshapedNode(im.broadcast(im.reshapedNode(id, apart), wide), joined)
		return im.strided(y, s.axis, 0, 1, x[s.axis]), nil
	case len(shape) == 1 && s.axis < len(x) && x[s.axis] == shape[0]:
		return im.reshapedNode(id, append(shape.Clone(), slices.Repeat(tensor.Shape{1}, len(x)-1-s.axis)...)), nil
	}
	return 0, fmt.Errorf("scales or zero points of shape %v for a value of shape %v along axis %d", shape, x, s.axis)
}

// quantize returns x in integers of type to.
func (im *importer) quantize(x value, s step, to tensor.DType) (value, error) {
	shape, d := im.shape(x), im.dtype(x)
	unsigned := to == tensor.UInt8
	if q, ok := im.known(s, shape, unsigned); ok && q.IsPerTensor() && d == tensor.Float32 && (unsigned || to == tensor.Int8) {
		id := im.apply(graph.OpQuantize, graph.QuantizedTo(q.Scale[0], q.ZeroPoint[0]), x.id)
		return value{id: id, order: x.order, unsigned: unsigned}, nil
	}
	limits, ok := integerLimits[to]
	if !ok {
		return value{}, unsupported("quantization to %v", to)
	}
	scale, err := im.spreadSteps(s.scale, shape, s)
	if err != nil {
		return value{}, err
	}
	real := im.Type(scale).DType
	y := im.unary(graph.OpRound, im.div(im.cast(im.plain(x), real), scale))
	if s.hasZeroPoint {
		zeroPoint, err := im.spreadSteps(s.zeroPoint, shape, s)
		if err != nil {
			return value{}, err
		}
		y = im.add(y, im.cast(zeroPoint, real))
	}
	return value{id: im.cast(im.clamped(y, limits[0], limits[1]), to)}, nil
}

var integerLimits = map[tensor.DType][2]float64{
	tensor.Int8: {math.MinInt8, math.MaxInt8}, tensor.UInt8: {0, math.MaxUint8},
	tensor.Int16: {math.MinInt16, math.MaxInt16}, tensor.UInt16: {0, math.MaxUint16},
}

// dequantize returns the real values of x. Weights stay int8 in the model, and a
// value that was quantized the same way is the one that was.
func (im *importer) dequantize(x value, s step) (value, error) {
	shape := im.shape(x)
	d := im.dtype(x)
	if q := im.Type(x.id).Quant; q != nil {
		if own, ok := im.known(s, shape, x.unsigned); ok && own.Equal(q) {
			return value{id: im.apply(graph.OpDequantize, nil, x.id), order: x.order}, nil
		}
	} else if stored, ok := im.constantOf(x); ok && (d == tensor.Int8 || d == tensor.UInt8 || d == tensor.Int32) {
		if q, ok := im.known(s, shape, d == tensor.UInt8); ok && d != tensor.Int32 || ok && noZeroPoint(q) {
			id, err := im.storedAs(im.Node(x.id).Name, stored, q)
			return value{id: id}, err
		}
	}
	scale, err := im.spreadSteps(s.scale, shape, s)
	if err != nil {
		return value{}, err
	}
	real := im.Type(scale).DType
	y := im.cast(im.plain(x), real)
	if s.hasZeroPoint {
		zeroPoint, err := im.spreadSteps(s.zeroPoint, shape, s)
		if err != nil {
			return value{}, err
		}
		y = im.sub(y, im.cast(zeroPoint, real))
	}
	return value{id: im.mul(y, scale)}, nil
}

func noZeroPoint(q *tensor.Quantization) bool {
	return !slices.ContainsFunc(q.ZeroPoint, func(z int32) bool { return z != 0 })
}

// storedAs adds an integer constant with its quantization, dequantized.
func (im *importer) storedAs(name string, stored tensor.Tensor, q *tensor.Quantization) (graph.ID, error) {
	if stored.DType == tensor.UInt8 {
		signed := make([]int8, len(stored.Data))
		for i, v := range stored.Data {
			signed[i] = int8(int(v) - 128)
		}
		stored = tensor.Must(tensor.Of(stored.Shape, signed))
	}
	return im.Apply(graph.OpDequantize, name+"/real", nil, im.Constant(name, stored.WithQuant(q))), im.Err()
}

// stepAttributes reads the axis and the block size of Q and DQ.
func (c *call) stepAttributes() (axis, block int, err error) {
	at, err := c.int("axis", 1)
	if err != nil {
		return 0, 0, err
	}
	size, err := c.int("block_size", 0)
	if err != nil {
		return 0, 0, err
	}
	c.ignore("saturate", "precision") // for 8-bit floats; float32 throughout
	rank := len(c.shape(c.in[0]))
	if rank > 1 || at < 0 {
		if axis, err = normalized(at, max(rank, 1)); err != nil {
			return 0, 0, err
		}
	}
	if size < 0 || size > math.MaxInt32 {
		return 0, 0, fmt.Errorf("block_size is %d", size)
	}
	return axis, int(size), nil
}

func convertQuantizeLinear(c *call) ([]value, error) {
	if err := c.require(2); err != nil {
		return nil, err
	}
	axis, block, err := c.stepAttributes()
	if err != nil {
		return nil, err
	}
	asked, err := c.int("output_dtype", 0)
	if err != nil {
		return nil, err
	}
	to := tensor.UInt8
	if c.has(2) {
		to = c.dtype(c.in[2])
	} else if asked != 0 {
		if to, err = dtypeOf(proto.DataType(asked)); err != nil {
			return nil, err
		}
	}
	return single(c.quantize(c.number(c.in[0]), c.step(1, 2, axis, block), to))
}

func convertDequantizeLinear(c *call) ([]value, error) {
	if err := c.require(2); err != nil {
		return nil, err
	}
	axis, block, err := c.stepAttributes()
	if err != nil {
		return nil, err
	}
	asked, err := c.int("output_dtype", 0)
	if err != nil {
		return nil, err
	}
	y, err := c.dequantize(c.in[0], c.step(1, 2, axis, block))
	if err == nil && asked != 0 {
		to, err := dtypeOf(proto.DataType(asked))
		if err != nil {
			return nil, err
		}
		y.id = c.cast(y.id, to)
	}
	return single(y, err)
}

// convertDynamicQuantizeLinear: scale and zero point follow from the values, so
// that 0 is exact.
func convertDynamicQuantizeLinear(c *call) ([]value, error) {
	if err := c.require(1); err != nil {
		return nil, err
	}
	x := c.number(c.in[0])
	axes := make([]int, len(c.shape(x)))
	for i := range axes {
		axes[i] = i
	}
	most, err := c.reduce(graph.OpReduceMax, x, axes, false)
	if err != nil {
		return nil, err
	}
	least, err := c.reduce(graph.OpReduceMin, x, axes, false)
	if err != nil {
		return nil, err
	}
	zero := c.like(x.id, 0)
	hi, lo := c.maximum(most.id, zero), c.minimum(least.id, zero)
	scale := c.div(c.sub(hi, lo), c.like(x.id, 255))
	// Of nothing but zeros any scale is right.
	scale = c.choose(c.greater(scale, zero), scale, c.like(x.id, 1))
	zeroPoint := c.unary(graph.OpRound, c.clamped(c.div(c.sub(zero, lo), scale), 0, 255))
	y := c.clamped(c.add(c.unary(graph.OpRound, c.div(x.id, scale)), zeroPoint), 0, 255)
	return []value{{id: c.cast(y, tensor.UInt8), order: x.order}, {id: scale}, {id: c.cast(zeroPoint, tensor.UInt8)}}, nil
}

// convertQLinearConv: x, w and the result are quantized, the bias is int32 in
// units of x scale · w scale.
func convertQLinearConv(c *call) ([]value, error) {
	if err := c.require(8); err != nil {
		return nil, err
	}
	x, err := c.dequantize(c.in[0], c.step(1, 2, 0, 0))
	if err != nil {
		return nil, err
	}
	w, err := c.dequantize(c.in[3], c.step(4, 5, 0, 0))
	if err != nil {
		return nil, err
	}
	bias := graph.None
	if c.has(8) {
		s := step{scale: value{id: c.mul(c.plain(c.in[1]), c.plain(c.in[4]))}}
		b, err := c.dequantize(c.in[8], s)
		if err != nil {
			return nil, err
		}
		bias = c.plain(b)
	}
	y, err := c.convolution(x, w, bias)
	if err != nil {
		return nil, err
	}
	return single(c.quantize(y, c.step(6, 7, 0, 0), c.dtype(c.in[7])))
}

// convertQLinearMatMul: a has scales per tensor or row, b per tensor or column.
func convertQLinearMatMul(c *call) ([]value, error) {
	if err := c.require(8); err != nil {
		return nil, err
	}
	a, err := c.dequantize(c.in[0], c.step(1, 2, max(0, len(c.shape(c.in[0]))-2), 0))
	if err != nil {
		return nil, err
	}
	b, err := c.dequantize(c.in[3], c.step(4, 5, max(0, len(c.shape(c.in[3]))-1), 0))
	if err != nil {
		return nil, err
	}
	y, err := c.matMul(a, b)
	if err != nil {
		return nil, err
	}
	return single(c.quantize(y, c.step(6, 7, max(0, len(c.shape(y))-2), 0), c.dtype(c.in[7])))
}

// exactProducts is how many products of two differences of bytes, the second
// split into a high and a low part of at most 16 in size, a float32 sum holds
// exactly: 2²⁴/(255·16).
const exactProducts = 1 << 24 / (255 * 16)

// integers returns a value less its zero point in float32, which is exact.
func (c *call) integers(v, zeroPoint int, axis int) (value, error) {
	x := c.number(c.in[v])
	y := value{id: c.cast(x.id, tensor.Float32), order: x.order}
	if !c.has(zeroPoint) {
		return y, nil
	}
	s := step{axis: axis}
	z, err := c.spreadSteps(c.number(c.in[zeroPoint]), c.shape(x), s)
	if err != nil {
		return value{}, err
	}
	return value{id: c.sub(c.plain(y), c.cast(z, tensor.Float32))}, nil
}

// halves splits whole numbers between −255 and 255 into 16·high + low.
func (im *importer) halves(x value) (high, low value) {
	h := im.unary(graph.OpFloor, im.mul(x.id, im.like(x.id, 1.0/16)))
	return value{id: h, order: x.order}, value{id: im.sub(x.id, im.mul(h, im.like(h, 16))), order: x.order}
}

// joined is 16·high + low in int32.
func (im *importer) joined(high, low value) value {
	h, l := im.cast(high.id, tensor.Int32), im.cast(low.id, tensor.Int32)
	return value{id: im.add(im.mul(h, im.like(h, 16)), l), order: low.order}
}

// convertMatMulInteger: int32 sums of products of bytes less their zero points.
// The second factor is split in two, so that float32 holds all sums exactly.
func convertMatMulInteger(c *call) ([]value, error) {
	if err := c.require(2); err != nil {
		return nil, err
	}
	a, err := c.integers(0, 2, max(0, len(c.shape(c.in[0]))-2))
	if err != nil {
		return nil, err
	}
	b, err := c.integers(1, 3, max(0, len(c.shape(c.in[1]))-1))
	if err != nil {
		return nil, err
	}
	if shape := c.shape(a); len(shape) > 0 && shape[len(shape)-1] > exactProducts {
		wide := func(v value) value { return value{id: c.cast(v.id, tensor.Int32), order: v.order} }
		return single(c.matMul(wide(a), wide(b)))
	}
	high, low := c.halves(b)
	h, err := c.matMul(a, high)
	if err != nil {
		return nil, err
	}
	l, err := c.matMul(a, low)
	if err != nil {
		return nil, err
	}
	return single(c.joined(h, l), nil)
}

// convertConvInteger: as MatMulInteger.
func convertConvInteger(c *call) ([]value, error) {
	if err := c.require(2); err != nil {
		return nil, err
	}
	x, err := c.integers(0, 2, 0)
	if err != nil {
		return nil, err
	}
	w, err := c.integers(1, 3, 0)
	if err != nil {
		return nil, err
	}
	if shape := c.shape(w); len(shape) > 1 && shape[1:].Elements() > exactProducts {
		return nil, unsupported("ConvInteger of %d products", shape[1:].Elements())
	}
	high, low := c.halves(w)
	h, err := c.convolution(x, high, graph.None)
	if err != nil {
		return nil, err
	}
	l, err := c.convolution(x, low, graph.None)
	if err != nil {
		return nil, err
	}
	return single(c.joined(h, l), nil)
}

package onnx

import (
	"fmt"
	"math"
	"slices"

	"megl-edge/runtime"
	"megl-edge/runtime/graph"
	"megl-edge/runtime/onnx/proto"
	"megl-edge/runtime/tensor"
)

// runtimeCast returns t in another element type.
func runtimeCast(t tensor.Tensor, to tensor.DType) (tensor.Tensor, error) {
	return runtime.Evaluate(graph.OpCast, graph.Cast{DType: to}, t)
}

// scalar returns a constant of the element type d.
func (im *importer) scalar(v float64, d tensor.DType) graph.ID {
	switch d {
	case tensor.Float32:
		return im.Scalar(float32(v))
	case tensor.Float64:
		return im.Constant("scalar", tensor.Scalar(v))
	}
	t, err := runtimeCast(tensor.Scalar(v), d)
	if err != nil {
		return im.fail(err)
	}
	return im.Constant("scalar", t)
}

// like returns a constant of the element type of node x.
func (im *importer) like(x graph.ID, v float64) graph.ID { return im.scalar(v, im.Type(x).DType) }

func (im *importer) cast(x graph.ID, to tensor.DType) graph.ID {
	if t := im.Type(x); t.DType == to && t.Quant == nil {
		return x
	}
	return im.apply(graph.OpCast, graph.Cast{DType: to}, x)
}

// The arithmetic that conversions write most often.

func (im *importer) add(a, b graph.ID) graph.ID             { return im.apply(graph.OpAdd, nil, a, b) }
func (im *importer) sub(a, b graph.ID) graph.ID             { return im.apply(graph.OpSub, nil, a, b) }
func (im *importer) mul(a, b graph.ID) graph.ID             { return im.apply(graph.OpMul, nil, a, b) }
func (im *importer) div(a, b graph.ID) graph.ID             { return im.apply(graph.OpDiv, nil, a, b) }
func (im *importer) unary(op graph.Op, x graph.ID) graph.ID { return im.apply(op, nil, x) }
func (im *importer) maximum(a, b graph.ID) graph.ID         { return im.apply(graph.OpMaximum, nil, a, b) }
func (im *importer) minimum(a, b graph.ID) graph.ID         { return im.apply(graph.OpMinimum, nil, a, b) }
func (im *importer) greater(a, b graph.ID) graph.ID         { return im.apply(graph.OpGreater, nil, a, b) }
func (im *importer) choose(condition, a, b graph.ID) graph.ID {
	return im.apply(graph.OpSelect, nil, condition, a, b)
}

func (im *importer) negative(x graph.ID) graph.ID {
	if d := im.Type(x).DType; d == tensor.Float32 || d == tensor.Float64 {
		return im.mul(x, im.like(x, -1))
	}
	return im.sub(im.like(x, 0), x)
}

// relu limits from below by 0: as a clamp where that is the runtime's form.
func (im *importer) relu(x graph.ID) graph.ID { return im.clamped(x, 0, math.Inf(1)) }

// clamped limits x to lo…hi.
func (im *importer) clamped(x graph.ID, lo, hi float64) graph.ID {
	if im.Type(x).DType == tensor.Float32 {
		return im.apply(graph.OpClamp, graph.Clamp{Min: float32(lo), Max: float32(hi)}, x)
	}
	if !math.IsInf(lo, -1) {
		x = im.maximum(x, im.like(x, lo))
	}
	if !math.IsInf(hi, 1) {
		x = im.minimum(x, im.like(x, hi))
	}
	return x
}

// mapped is the conversion of a function of one value.
func mapped(f func(im *importer, x graph.ID) graph.ID) func(*call) ([]value, error) {
	return func(c *call) ([]value, error) {
		if err := c.require(1); err != nil {
			return nil, err
		}
		c.ignore("consumed_inputs")
		x := c.number(c.in[0])
		return single(value{id: f(c.importer, x.id), order: x.order}, nil)
	}
}

// op is the conversion of an operator that is one op.
func op(o graph.Op) func(*call) ([]value, error) {
	return mapped(func(im *importer, x graph.ID) graph.ID { return im.unary(o, x) })
}

// withFloats is the conversion of an activation with one parameter or more.
func withFloats(f func(im *importer, x graph.ID, p []float64) graph.ID, parameters ...parameter) func(*call) ([]value, error) {
	return func(c *call) ([]value, error) {
		values := make([]float64, len(parameters))
		for i, p := range parameters {
			v, err := c.float(p.name, p.missing)
			if err != nil {
				return nil, err
			}
			values[i] = float64(v)
		}
		return mapped(func(im *importer, x graph.ID) graph.ID { return f(im, x, values) })(c)
	}
}

type parameter struct {
	name    string
	missing float32
}

func absolute(im *importer, x graph.ID) graph.ID {
	if d := im.Type(x).DType; d == tensor.UInt8 || d == tensor.UInt16 || d == tensor.UInt32 || d == tensor.UInt64 {
		return x
	}
	return im.maximum(x, im.negative(x))
}

func softplus(im *importer, x graph.ID) graph.ID {
	// log(1 + eˣ) = max(x, 0) + log(1 + e^(−|x|)), which cannot overflow
	tail := im.unary(graph.OpExp, im.negative(absolute(im, x)))
	return im.add(im.relu(x), im.unary(graph.OpLog, im.add(tail, im.like(x, 1))))
}

// elu: x above 0, α·(e^(x/scale) − 1) below.
func elu(im *importer, x graph.ID, alpha, scale float64) graph.ID {
	negative := im.clamped(x, math.Inf(-1), 0)
	if scale != 1 {
		negative = im.div(negative, im.like(x, scale))
	}
	below := im.mul(im.sub(im.unary(graph.OpExp, negative), im.like(x, 1)), im.like(x, alpha))
	return im.add(im.relu(x), below)
}

func leakyRelu(im *importer, x, slope graph.ID) graph.ID {
	return im.choose(im.greater(x, im.like(x, 0)), x, im.mul(x, slope))
}

func hardSigmoid(im *importer, x graph.ID, alpha, beta float64) graph.ID {
	return im.clamped(im.add(im.mul(x, im.like(x, alpha)), im.like(x, beta)), 0, 1)
}

func signOf(im *importer, x graph.ID) graph.ID {
	zero := im.like(x, 0)
	below := im.choose(im.greater(zero, x), im.like(x, -1), zero)
	return im.choose(im.greater(x, zero), im.like(x, 1), below)
}

// geluTanh: x·(1 + tanh(√(2/π)·(x + 0.044715·x³)))/2.
func geluTanh(im *importer, x graph.ID) graph.ID {
	cube := im.mul(im.mul(x, x), x)
	inner := im.mul(im.add(x, im.mul(cube, im.like(x, 0.044715))), im.like(x, math.Sqrt(2/math.Pi)))
	return im.mul(im.mul(x, im.like(x, 0.5)), im.add(im.unary(graph.OpTanh, inner), im.like(x, 1)))
}

func convertGelu(c *call) ([]value, error) {
	kind, err := c.string("approximate", "none")
	if err != nil {
		return nil, err
	}
	if kind == "tanh" {
		return mapped(geluTanh)(c)
	}
	return mapped(func(im *importer, x graph.ID) graph.ID {
		if im.Type(x).DType == tensor.Float32 {
			return im.unary(graph.OpGelu, x)
		}
		part := im.unary(graph.OpErf, im.mul(x, im.like(x, 1/math.Sqrt2)))
		return im.mul(im.mul(x, im.like(x, 0.5)), im.add(part, im.like(x, 1)))
	})(c)
}

// aligned returns operands that are to be combined elementwise, all in one
// order, which is that of the largest operand.
func (im *importer) aligned(operands ...value) (ids []graph.ID, order []int) {
	rank, most := 0, -1
	for i := range operands {
		operands[i] = im.number(operands[i])
		rank = max(rank, len(im.shape(operands[i])))
	}
	for _, v := range operands {
		if n := im.shape(v).Elements(); len(im.shape(v)) == rank && n > most {
			order, most = v.order, n
		}
	}
	for _, v := range operands {
		ids = append(ids, im.inOrder(v, rank, order))
	}
	return ids, order
}

// inOrder returns v as an operand of the given rank in the given order. What has
// one element fits as it is.
func (im *importer) inOrder(v value, rank int, order []int) graph.ID {
	shape := im.shape(v)
	if order == nil {
		return im.plain(v)
	}
	if shape.Elements() == 1 && len(shape) == 0 {
		return v.id
	}
	if len(shape) < rank {
		full := append(slices.Repeat(tensor.Shape{1}, rank-len(shape)), shape...)
		v = value{id: im.reshapedNode(im.plain(v), full)}
	}
	return im.arranged(v, order)
}

// combined is the conversion of an elementwise operator of two operands. Old
// opsets name the axis at which the second one is aligned.
func combined(f func(im *importer, a, b graph.ID) graph.ID) func(*call) ([]value, error) {
	return func(c *call) ([]value, error) {
		if err := c.require(2); err != nil {
			return nil, err
		}
		if err := c.alignAtAxis(); err != nil {
			return nil, err
		}
		ids, order := c.aligned(c.in[0], c.in[1])
		return single(value{id: f(c.importer, ids[0], ids[1]), order: order}, nil)
	}
}

// alignAtAxis gives the second operand the axes that opset 6 leaves out.
func (c *call) alignAtAxis() error {
	if c.opset >= 7 {
		return nil
	}
	axis, err := c.int("axis", -1)
	if err != nil || axis < 0 {
		return err
	}
	a, b := c.shape(c.in[0]), c.shape(c.in[1])
	if behind := len(a) - len(b) - int(axis); behind > 0 {
		full := append(b.Clone(), slices.Repeat(tensor.Shape{1}, behind)...)
		c.in[1] = value{id: c.reshapedNode(c.plain(c.in[1]), full)}
	}
	return nil
}

// elementwise is the conversion of an operator that is one op of two operands.
func elementwise(o graph.Op) func(*call) ([]value, error) {
	return combined(func(im *importer, a, b graph.ID) graph.ID { return im.apply(o, nil, a, b) })
}

// folded is the conversion of an operator of any number of operands.
func folded(f func(im *importer, a, b graph.ID) graph.ID) func(*call) ([]value, error) {
	return func(c *call) ([]value, error) {
		if err := c.require(1); err != nil {
			return nil, err
		}
		ids, order := c.aligned(c.in...)
		y := ids[0]
		for _, x := range ids[1:] {
			y = f(c.importer, y, x)
		}
		return single(value{id: y, order: order}, nil)
	}
}

// convertMean: the mean of all operands, broadcast.
func convertMean(c *call) ([]value, error) {
	sum, err := folded((*importer).add)(c)
	if err != nil {
		return nil, err
	}
	y := sum[0]
	return single(value{id: c.div(y.id, c.like(y.id, float64(len(c.in)))), order: y.order}, nil)
}

// orEqual is a ≥ b as (a > b) or (a == b), which is false for what is no number.
func orEqual(im *importer, a, b graph.ID) graph.ID {
	return im.apply(graph.OpOr, nil, im.greater(a, b), im.apply(graph.OpEqual, nil, a, b))
}

// power is aᵇ; b may have another type. Squares and roots have their own forms.
func power(im *importer, a, b graph.ID) graph.ID {
	if v, ok := im.constantOf(value{id: b}); ok && v.Shape.Elements() == 1 && len(v.Shape) <= len(im.Shape(a)) && isReal(im.Type(a).DType) {
		exponent, err := runtimeCast(v, tensor.Float64)
		if err != nil {
			return im.fail(err)
		}
		switch tensor.Elements[float64](exponent)[0] {
		case 1:
			return a
		case 2:
			return im.mul(a, a)
		case 0.5:
			return im.unary(graph.OpSqrt, a)
		}
	}
	to := im.Type(a).DType
	if from := im.Type(b).DType; isReal(from) && !isReal(to) { // 2^0.5 of integers is computed in reals
		return im.cast(im.apply(graph.OpPow, nil, im.cast(a, from), b), to)
	}
	return im.apply(graph.OpPow, nil, a, im.cast(b, to))
}

func isReal(d tensor.DType) bool { return d == tensor.Float32 || d == tensor.Float64 }

// convertMod: Mod: the sign is that of the divisor, or with
// fmod that of the dividend.
func convertMod(c *call) ([]value, error) {
	fmod, err := c.int("fmod", 0)
	if err != nil {
		return nil, err
	}
	return combined(func(im *importer, a, b graph.ID) graph.ID {
		quotient := im.div(a, b)
		if isReal(im.Type(a).DType) {
			floor, ceil := im.unary(graph.OpFloor, quotient), im.unary(graph.OpCeil, quotient)
			quotient = floor
			if fmod != 0 { // towards 0
				quotient = im.choose(im.greater(floor, im.like(a, -0.5)), floor, ceil)
			}
			return im.sub(a, im.mul(b, quotient))
		}
		rest := im.sub(a, im.mul(b, quotient)) // integers divide towards 0
		if fmod != 0 {
			return rest
		}
		zero := im.like(a, 0)
		negative := func(x graph.ID) graph.ID { return im.greater(zero, x) }
		apart := im.unary(graph.OpNot, im.apply(graph.OpEqual, nil, negative(rest), negative(b)))
		whole := im.apply(graph.OpEqual, nil, rest, zero)
		return im.choose(im.apply(graph.OpAnd, nil, apart, im.unary(graph.OpNot, whole)), im.add(rest, b), rest)
	})(c)
}

// convertClip: the bounds are attributes before opset 11, then inputs.
func convertClip(c *call) ([]value, error) {
	if err := c.require(1); err != nil {
		return nil, err
	}
	if c.opset < 11 {
		lo, err := c.float("min", float32(math.Inf(-1)))
		if err != nil {
			return nil, err
		}
		hi, err := c.float("max", float32(math.Inf(1)))
		if err != nil {
			return nil, err
		}
		return mapped(func(im *importer, x graph.ID) graph.ID { return im.clamped(x, float64(lo), float64(hi)) })(c)
	}
	lo, loKnown := c.bound(1, math.Inf(-1))
	hi, hiKnown := c.bound(2, math.Inf(1))
	x := c.number(c.in[0])
	if c.dtype(x) == tensor.Float32 && loKnown && hiKnown && lo <= hi && lo < math.Inf(1) && hi > math.Inf(-1) {
		return single(value{id: c.clamped(x.id, lo, hi), order: x.order}, nil)
	}
	y := x.id
	if c.has(1) {
		y = c.maximum(y, c.plain(c.in[1]))
	}
	if c.has(2) {
		y = c.minimum(y, c.plain(c.in[2]))
	}
	return single(value{id: y, order: x.order}, nil)
}

// bound returns a bound that is known, or missing where it is not given.
func (c *call) bound(i int, missing float64) (bound float64, known bool) {
	if !c.has(i) {
		return missing, true
	}
	t, ok := c.constantOf(c.in[i])
	if !ok || t.Shape.Elements() != 1 {
		return 0, false
	}
	wide, err := runtimeCast(t, tensor.Float64)
	if err != nil {
		c.fail(err)
		return 0, false
	}
	return tensor.Elements[float64](wide)[0], true
}

// convertPRelu: the slope is broadcast; before opset 7 one for each channel.
func convertPRelu(c *call) ([]value, error) {
	if err := c.require(2); err != nil {
		return nil, err
	}
	x, slope := c.shape(c.in[0]), c.shape(c.in[1])
	if len(slope) == 1 && len(x) > 1 && slope[0] != 1 && (c.opset < 7 || slope[0] == x[1] && slope[0] != x[len(x)-1]) {
		perChannel := append(slope.Clone(), slices.Repeat(tensor.Shape{1}, len(x)-2)...)
		c.in[1] = value{id: c.reshapedNode(c.plain(c.in[1]), perChannel)}
	}
	return combined(leakyRelu)(c)
}

func convertWhere(c *call) ([]value, error) {
	if err := c.require(3); err != nil {
		return nil, err
	}
	ids, order := c.aligned(c.in[0], c.in[1], c.in[2])
	return single(value{id: c.choose(ids[0], ids[1], ids[2]), order: order}, nil)
}

func convertCast(c *call) ([]value, error) {
	if err := c.require(1); err != nil {
		return nil, err
	}
	c.ignore("saturate", "round_mode")
	to, err := c.int("to", 0)
	if err != nil {
		return nil, err
	}
	d, err := dtypeOf(proto.DataType(to))
	if err != nil {
		return nil, err
	}
	x := c.number(c.in[0])
	return single(value{id: c.cast(x.id, d), order: x.order}, nil)
}

func isNaN(im *importer, x graph.ID) graph.ID {
	return im.unary(graph.OpNot, im.apply(graph.OpEqual, nil, x, x))
}

func convertIsInf(c *call) ([]value, error) {
	positive, err := c.int("detect_positive", 1)
	if err != nil {
		return nil, err
	}
	negative, err := c.int("detect_negative", 1)
	if err != nil {
		return nil, err
	}
	return mapped(func(im *importer, x graph.ID) graph.ID {
		infinity := im.like(x, math.Inf(1))
		switch {
		case positive != 0 && negative != 0:
			x = absolute(im, x)
		case negative != 0:
			x = im.negative(x)
		case positive == 0:
			return im.greater(x, x) // nowhere
		}
		return im.apply(graph.OpEqual, nil, x, infinity)
	})(c)
}

// convertCastLike takes the type of its second input.
func convertCastLike(c *call) ([]value, error) {
	if err := c.require(2); err != nil {
		return nil, err
	}
	c.ignore("saturate", "round_mode")
	x := c.number(c.in[0])
	return single(value{id: c.cast(x.id, c.dtype(c.in[1])), order: x.order}, nil)
}

func hardSwish(im *importer, x graph.ID) graph.ID {
	if im.Type(x).DType == tensor.Float32 {
		return im.unary(graph.OpHardSwish, x)
	}
	return im.mul(x, hardSigmoid(im, x, 1.0/6, 0.5))
}

func quoted(s string) string { return fmt.Sprintf("%.32q", s) }

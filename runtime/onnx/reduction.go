package onnx

import (
	"fmt"
	"math"
	"slices"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

// reduce reduces axes of v, counted as ONNX counts them.
func (im *importer) reduce(o graph.Op, v value, axes []int, keep bool) (value, error) {
	if len(axes) == 0 {
		return v, nil
	}
	shape := im.shape(v)
	if im.Err() != nil {
		return v, nil
	}
	stored := make([]int, len(axes))
	for i, axis := range axes {
		stored[i] = im.axis(v, axis)
	}
	slices.Sort(stored)
	kept := value{id: im.reduceStored(o, v.id, stored), order: v.order}
	if keep {
		return kept, nil
	}
	rest := tensor.Shape{}
	for axis, d := range shape {
		if !slices.Contains(axes, axis) {
			rest = append(rest, d)
		}
	}
	return im.reshape(kept, rest), nil
}

// reduceStored reduces ascending axes of a node, which stay one long: stretches
// of neighbours, one after the other. The mean of means is the mean, since all
// are over equally many values.
func (im *importer) reduceStored(o graph.Op, x graph.ID, axes []int) graph.ID {
	if shape := im.Shape(x); slices.ContainsFunc(axes, func(axis int) bool { return shape[axis] == 0 }) {
		return im.emptyReduction(o, x, axes)
	}
	for end := len(axes); end > 0; {
		start := end - 1
		for start > 0 && axes[start-1] == axes[start]-1 {
			start--
		}
		x = im.apply(o, graph.Reduce{Axes: axes[start:end], KeepDims: true}, x)
		end = start
	}
	return x
}

// emptyReduction is what a reduction of nothing gives: the neutral element.
func (im *importer) emptyReduction(o graph.Op, x graph.ID, axes []int) graph.ID {
	neutral := map[graph.Op]float64{
		graph.OpReduceSum: 0, graph.OpReduceProd: 1, graph.OpReduceMean: math.NaN(),
		graph.OpReduceMax: math.Inf(-1), graph.OpReduceMin: math.Inf(1),
	}
	shape := im.Shape(x).Clone()
	for _, axis := range axes {
		shape[axis] = 1
	}
	return im.broadcast(im.like(x, neutral[o]), shape)
}

// reduction is the conversion of a Reduce operator: something before, a
// reduction, something after.
func reduction(o graph.Op, before, after func(im *importer, x graph.ID) graph.ID) func(*call) ([]value, error) {
	return func(c *call) ([]value, error) {
		axes, keep, noop, err := c.reductionAxes()
		if err != nil {
			return nil, err
		}
		x := c.number(c.in[0])
		boolean := c.dtype(x) == tensor.Bool
		if boolean {
			x.id = c.cast(x.id, tensor.UInt8)
		}
		if before != nil {
			x.id = before(c.importer, x.id)
		}
		y := x
		if !noop {
			if y, err = c.reduce(o, x, axes, keep); err != nil {
				return nil, err
			}
		}
		if after != nil {
			y.id = after(c.importer, y.id)
		}
		if boolean {
			y.id = c.cast(y.id, tensor.Bool)
		}
		return single(y, nil)
	}
}

// reductionAxes reads which axes are reduced: none given means all, or with
// noop_with_empty_axes none.
func (c *call) reductionAxes() (axes []int, keep, noop bool, err error) {
	if err := c.require(1); err != nil {
		return nil, false, false, err
	}
	listed, _, err := c.settings(1, "axes")
	if err != nil {
		return nil, false, false, err
	}
	keepDims, err := c.int("keepdims", 1)
	if err != nil {
		return nil, false, false, err
	}
	noopIfEmpty, err := c.int("noop_with_empty_axes", 0)
	if err != nil {
		return nil, false, false, err
	}
	rank := len(c.shape(c.in[0]))
	set, err := axisSet(listed, rank)
	for axis := range rank {
		if set == nil || set[axis] || len(listed) == 0 {
			axes = append(axes, axis)
		}
	}
	return axes, keepDims != 0, len(listed) == 0 && noopIfEmpty != 0, err
}

func square(im *importer, x graph.ID) graph.ID { return im.mul(x, x) }

func logarithm(im *importer, x graph.ID) graph.ID { return im.unary(graph.OpLog, x) }

func root(im *importer, x graph.ID) graph.ID {
	if d := im.Type(x).DType; !isReal(d) {
		return im.cast(im.unary(graph.OpSqrt, im.cast(x, tensor.Float64)), d)
	}
	return im.unary(graph.OpSqrt, x)
}

// convertLogSumExp: m + log Σ e^(x − m) with the maximum m, which cannot
// overflow.
func convertLogSumExp(c *call) ([]value, error) {
	axes, keep, noop, err := c.reductionAxes()
	if err != nil {
		return nil, err
	}
	x := c.number(c.in[0])
	if noop {
		return single(x, nil)
	}
	y, err := c.logSumExp(x, axes)
	if err != nil || keep {
		return single(y, err)
	}
	rest := tensor.Shape{}
	for axis, d := range c.shape(x) {
		if !slices.Contains(axes, axis) {
			rest = append(rest, d)
		}
	}
	return single(c.reshape(y, rest), nil)
}

func (im *importer) logSumExp(x value, axes []int) (value, error) {
	most, err := im.reduce(graph.OpReduceMax, x, axes, true)
	if err != nil {
		return value{}, err
	}
	// An infinite maximum, as of nothing, would leave no number.
	least, greatest := -math.MaxFloat32, math.MaxFloat32
	m := im.clamped(most.id, least, greatest)
	sum, err := im.reduce(graph.OpReduceSum, value{id: im.unary(graph.OpExp, im.sub(x.id, m)), order: x.order}, axes, true)
	return value{id: im.add(m, im.unary(graph.OpLog, sum.id)), order: x.order}, err
}

// softmaxAxes returns the axes of a softmax: one, or before opset 13 that and
// all behind it.
func (c *call) softmaxAxes() ([]int, error) {
	if err := c.require(1); err != nil {
		return nil, err
	}
	missing := int64(-1)
	if c.opset < 13 {
		missing = 1
	}
	at, err := c.int("axis", missing)
	if err != nil {
		return nil, err
	}
	rank := len(c.shape(c.in[0]))
	if rank == 0 {
		return nil, fmt.Errorf("input is a scalar")
	}
	if c.opset < 13 && at == int64(rank) {
		return nil, fmt.Errorf("axis %d of %d", at, rank)
	}
	axis, err := normalized(at, rank)
	if err != nil {
		return nil, err
	}
	axes := []int{axis}
	for next := axis + 1; c.opset < 13 && next < rank; next++ {
		axes = append(axes, next)
	}
	return axes, nil
}

func convertSoftmax(c *call) ([]value, error) {
	axes, err := c.softmaxAxes()
	if err != nil {
		return nil, err
	}
	return single(c.softmax(c.number(c.in[0]), axes))
}

// softmax of float32 is one op along the last axis of a node; the axes are
// moved and joined there.
func (im *importer) softmax(x value, axes []int) (value, error) {
	if im.dtype(x) != tensor.Float32 {
		most, err := im.reduce(graph.OpReduceMax, x, axes, true)
		if err != nil {
			return value{}, err
		}
		e := im.unary(graph.OpExp, im.sub(x.id, most.id))
		sum, err := im.reduce(graph.OpReduceSum, value{id: e, order: x.order}, axes, true)
		return value{id: im.div(e, sum.id), order: x.order}, err
	}
	id, order := im.lastAxes(x, axes)
	stored := im.Shape(id)
	if im.Err() != nil {
		return value{}, nil
	}
	outer := len(stored) - len(axes)
	rows := im.reshapedNode(id, append(stored[:outer].Clone(), stored[outer:].Elements()))
	y := im.reshapedNode(im.unary(graph.OpSoftmax, rows), stored)
	return ordered(y, order), nil
}

// lastAxes returns v stored with the given axes last.
func (im *importer) lastAxes(v value, axes []int) (graph.ID, []int) {
	var order []int
	for _, axis := range im.orderOf(v) {
		if !slices.Contains(axes, axis) {
			order = append(order, axis)
		}
	}
	order = append(order, axes...)
	return im.arranged(v, order), order
}

func convertLogSoftmax(c *call) ([]value, error) {
	axes, err := c.softmaxAxes()
	if err != nil {
		return nil, err
	}
	x := c.number(c.in[0])
	total, err := c.logSumExp(x, axes)
	return single(value{id: c.sub(x.id, total.id), order: x.order}, err)
}

// argument is the conversion of ArgMax and ArgMin.
func argument(least bool) func(*call) ([]value, error) {
	return func(c *call) ([]value, error) {
		if err := c.require(1); err != nil {
			return nil, err
		}
		at, err := c.int("axis", 0)
		if err != nil {
			return nil, err
		}
		keep, err := c.int("keepdims", 1)
		if err != nil {
			return nil, err
		}
		last, err := c.int("select_last_index", 0)
		if err != nil {
			return nil, err
		}
		x := c.number(c.in[0])
		shape := c.shape(x)
		axis, err := normalized(at, len(shape))
		if err != nil {
			return nil, err
		}
		id, order := c.lastAxes(x, []int{axis})
		index := c.argument(id, least, last != 0)
		kept := value{id: c.reshapedNode(c.cast(index, tensor.Int64), append(c.Shape(index).Clone(), 1)), order: order}
		if keep == 0 {
			kept = c.without(kept, axis)
		}
		return single(kept, nil)
	}
}

// argument returns the first, or last, index of the greatest, or least, value
// along the last axis of x.
func (im *importer) argument(x graph.ID, least, last bool) graph.ID {
	shape := im.Shape(x)
	if im.Err() != nil {
		return x
	}
	n := shape[len(shape)-1]
	if last {
		x = im.strided(x, len(shape)-1, n-1, -1, n)
	}
	if least {
		if d := im.Type(x).DType; d == tensor.UInt8 || d == tensor.UInt16 || d == tensor.UInt32 || d == tensor.UInt64 {
			x = im.sub(im.like(x, math.Inf(1)), x)
		} else {
			x = im.negative(x)
		}
	}
	index := im.unary(graph.OpArgMax, x)
	if last {
		index = im.sub(im.Constant("last", tensor.Scalar(int32(n-1))), index)
	}
	return index
}

func convertTopK(c *call) ([]value, error) {
	if err := c.require(1); err != nil {
		return nil, err
	}
	listed, given, err := c.settings(1, "k")
	if err != nil || !given || len(listed) != 1 {
		return nil, orMissing(err)
	}
	at, err := c.int("axis", -1)
	if err != nil {
		return nil, err
	}
	largest, err := c.int("largest", 1)
	if err != nil {
		return nil, err
	}
	c.ignore("sorted") // they always are
	x := c.number(c.in[0])
	axis, err := normalized(at, len(c.shape(x)))
	if err != nil {
		return nil, err
	}
	id, order := c.lastAxes(x, []int{axis})
	if listed[0] < 0 || listed[0] > int64(c.shape(x)[axis]) {
		return nil, fmt.Errorf("k is %d for an axis of %d", listed[0], c.shape(x)[axis])
	}
	indices := c.apply(graph.OpArgTopK, graph.TopK{K: int(listed[0]), Least: largest == 0}, id)
	values := c.apply(graph.OpGatherElements, graph.Axis{Axis: len(order) - 1}, id, indices)
	return []value{ordered(values, order), ordered(c.cast(indices, tensor.Int64), order)}, nil
}

func convertCumSum(c *call) ([]value, error) {
	if err := c.require(2); err != nil {
		return nil, err
	}
	axes, err := c.constantInts(1)
	if err != nil || len(axes) != 1 {
		return nil, orMissing(err)
	}
	exclusive, err := c.int("exclusive", 0)
	if err != nil {
		return nil, err
	}
	reverse, err := c.int("reverse", 0)
	if err != nil {
		return nil, err
	}
	x := c.number(c.in[0])
	axis, err := normalized(axes[0], len(c.shape(x)))
	if err != nil {
		return nil, err
	}
	at := graph.CumSum{Axis: c.axis(x, axis), Exclusive: exclusive != 0, Reverse: reverse != 0}
	return single(value{id: c.apply(graph.OpCumSum, at, x.id), order: x.order}, nil)
}

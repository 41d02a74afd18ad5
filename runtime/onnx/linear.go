package onnx

import (
	"fmt"
	"slices"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

func convertMatMul(c *call) ([]value, error) {
	if err := c.require(2); err != nil {
		return nil, err
	}
	return single(c.matMul(c.number(c.in[0]), c.number(c.in[1])))
}

// matMul is a·b as NumPy has it: vectors are rows or columns, the axes before
// the last two are broadcast.
func (im *importer) matMul(a, b value) (value, error) {
	sa, sb := im.shape(a), im.shape(b)
	if len(sa) == 0 || len(sb) == 0 {
		return value{}, fmt.Errorf("operands %v and %v: want at least one axis", sa, sb)
	}
	vectorA, vectorB := len(sa) == 1, len(sb) == 1
	if vectorA {
		a = im.reshape(a, tensor.Shape{1, sa[0]})
	}
	if vectorB {
		b = im.reshape(b, tensor.Shape{sb[0], 1})
	}
	y, err := im.product(a, b)
	if err != nil {
		return value{}, err
	}
	shape := im.Shape(y)
	if im.Err() != nil {
		return value{}, nil
	}
	batch, m, n := shape[:len(shape)-2], shape[len(shape)-2:len(shape)-1], shape[len(shape)-1:]
	if vectorA {
		m = nil
	}
	if vectorB {
		n = nil
	}
	shape = slices.Concat(batch, m, n)
	return value{id: im.reshapedNode(y, shape)}, nil
}

// product is a·b of two values with at least two axes each.
func (im *importer) product(a, b value) (graph.ID, error) {
	sa, sb := im.shape(a), im.shape(b)
	k := sa[len(sa)-1]
	if k != sb[len(sb)-2] {
		return 0, fmt.Errorf("operands %v and %v do not fit", sa, sb)
	}
	if len(sb) == 2 && im.isWeights(b) && im.dtype(a) == tensor.Float32 {
		return im.linear(im.plain(a), im.arranged(b, []int{1, 0}), graph.None), nil
	}
	batchA, batchB := sa[:len(sa)-2], sb[:len(sb)-2]
	batch, err := broadcastShape(batchA, batchB)
	if err != nil {
		return 0, err
	}
	at := graph.MatMul{}
	x, swapped := im.operand(a, batch)
	at.TransposeA = swapped
	y, swapped := im.operand(b, batch)
	at.TransposeB = swapped
	return im.apply(graph.OpMatMul, at, x, y), nil
}

// linear is x·wᵀ + bias for rows x of any number of axes and w [n × k].
func (im *importer) linear(x, w, bias graph.ID) graph.ID {
	shape := im.Shape(x)
	k := shape[len(shape)-1]
	rows := im.reshapedNode(x, tensor.Shape{shape[:len(shape)-1].Elements(), k})
	inputs := []graph.ID{rows, w}
	if bias != graph.None {
		inputs = append(inputs, bias)
	}
	y := im.apply(graph.OpLinear, nil, inputs...)
	return im.reshapedNode(y, append(shape[:len(shape)-1].Clone(), im.Shape(y)[1]))
}

// operand returns a factor with the batch axes given, its last two axes as they
// are, or swapped where it is stored so.
func (im *importer) operand(v value, batch tensor.Shape) (id graph.ID, swapped bool) {
	shape := im.shape(v)
	rank := len(shape)
	order := make([]int, rank)
	for i := range order {
		order[i] = i
	}
	from := im.orderOf(v)
	if slices.Index(from, rank-1) < slices.Index(from, rank-2) {
		order[rank-2], order[rank-1] = rank-1, rank-2
		swapped = true
	}
	id = im.arranged(v, order)
	if im.Err() != nil {
		return id, swapped
	}
	stored := im.Shape(id)
	return im.broadcast(id, append(batch.Clone(), stored[rank-2:]...)), swapped
}

// broadcastShape returns the shape that both broadcast to.
func broadcastShape(a, b tensor.Shape) (tensor.Shape, error) {
	if len(a) < len(b) {
		a, b = b, a
	}
	shape := a.Clone()
	for i, d := range b {
		at := &shape[len(a)-len(b)+i]
		switch {
		case *at == 1:
			*at = d
		case d != 1 && d != *at:
			return nil, fmt.Errorf("shapes %v and %v do not broadcast", a, b)
		}
	}
	return shape, nil
}

// convertGemm: α·a·b + β·c, either factor transposed.
func convertGemm(c *call) ([]value, error) {
	if err := c.require(2); err != nil {
		return nil, err
	}
	c.ignore("broadcast")
	alpha, err := c.float("alpha", 1)
	if err != nil {
		return nil, err
	}
	beta, err := c.float("beta", 1)
	if err != nil {
		return nil, err
	}
	for i, name := range []string{"transA", "transB"} {
		transposed, err := c.int(name, 0)
		if err != nil {
			return nil, err
		}
		c.in[i] = c.number(c.in[i])
		if len(c.shape(c.in[i])) != 2 {
			return nil, fmt.Errorf("input %d has shape %v, want two axes", i, c.shape(c.in[i]))
		}
		if transposed != 0 {
			order := c.orderOf(c.in[i])
			c.in[i] = c.in[i].withID(c.in[i].id, []int{1 - order[0], 1 - order[1]})
		}
	}
	a, b := c.in[0], c.in[1]
	columns := c.shape(b)[1]
	if c.has(2) && alpha == 1 && beta == 1 && c.isWeights(b) && c.dtype(a) == tensor.Float32 {
		if bias, ok := c.rowBias(c.in[2], columns); ok && c.shape(a)[1] == c.shape(b)[0] {
			return single(value{id: c.linear(c.plain(a), c.arranged(b, []int{1, 0}), bias)}, nil)
		}
	}
	y, err := c.product(a, b)
	if err != nil {
		return nil, err
	}
	if alpha != 1 {
		y = c.mul(y, c.like(y, float64(alpha)))
	}
	if c.has(2) {
		bias := c.plain(c.in[2])
		if beta != 1 {
			bias = c.mul(bias, c.like(bias, float64(beta)))
		}
		y = c.add(y, bias)
	}
	return single(value{id: y}, nil)
}

// rowBias returns a bias of one value for each column, if v is one.
func (im *importer) rowBias(v value, columns int) (graph.ID, bool) {
	shape := im.shape(v)
	if !im.isWeights(v) || shape.Elements() != columns || len(shape) == 0 || shape[len(shape)-1] != columns {
		return graph.None, false
	}
	return im.reshapedNode(im.plain(v), tensor.Shape{columns}), true
}

package graph

import (
	"cmp"
	"math"
	"slices"

	"megl-edge/runtime/tensor"
)

// Grad appends the gradient of a scalar y with respect to each of the given
// nodes and returns the gradients' IDs. The gradient of a quantized value is
// that of the real value it stands for.
func (b *Builder) Grad(y ID, wrt ...ID) []ID {
	if b.check(y) && b.check(wrt...) && b.Shape(y).Elements() != 1 {
		b.fail("gradient of %s, which is %v and no single number", describe(y, b.Node(y)), b.Type(y))
	}
	return b.VJP(y, b.broadcastTo(b.Scalar(1), b.Shape(y)), wrt...)
}

// VJP appends the product of dy, float32 and of y's shape, with the Jacobian of y with
// respect to each of the given nodes (a vector-Jacobian product, reverse mode)
// and returns the products' IDs. Where y does not depend on a node, its product
// is zeros.
func (b *Builder) VJP(y, dy ID, wrt ...ID) []ID {
	if b.check(y, dy) && b.check(wrt...) && !b.Type(dy).Equal(floatType(b.Shape(y))) {
		b.fail("adjoint of %s is %v, want %v", describe(y, b.Node(y)), b.Type(dy), floatType(b.Shape(y)))
	}
	products := b.backward(y, dy, wrt, segment{})
	for i, id := range wrt {
		if products[i] == None {
			products[i] = b.broadcastTo(b.Scalar(0), b.Shape(id))
		}
	}
	return products
}

// adjoint is what the gradient rule of one node works with.
type adjoint struct {
	*Builder
	node  Node
	self  ID
	dy    ID     // adjoint of the node's value, of its shape
	wants []bool // inputs whose adjoint is asked for
	value ID     // where the node's own real value is read; None: from the node
}

// in returns the real value of input i.
func (c *adjoint) in(i int) ID { return c.Real(c.node.Inputs[i]) }

// shape returns the shape of input i. Unlike [Builder.Shape] it is right after
// an error too, so that rules can index it.
func (c *adjoint) shape(i int) tensor.Shape { return c.g.nodes[c.node.Inputs[i]].Type.Shape }

// out returns the node's own real value.
func (c *adjoint) out() ID {
	if c.value != None {
		return c.value
	}
	return c.Real(c.self)
}

// segment limits a walk to the decomposition of one node: it ends at the
// wanted nodes, and the value of the decomposition's result is read from the
// node itself. The zero segment is the whole graph.
type segment struct {
	inside bool
	result ID
}

// backward walks from y to the wanted nodes and returns their adjoints, None
// where y does not depend on one.
func (b *Builder) backward(y, dy ID, wrt []ID, within segment) []ID {
	products := make([]ID, len(wrt))
	if b.err != nil {
		return products
	}
	wanted := b.dependents(wrt, y)
	contributions := map[ID][]ID{y: {dy}}
	sums := map[ID]ID{}
	for id := y; id >= 0 && b.err == nil; id-- {
		if !wanted[id] || contributions[id] == nil {
			continue
		}
		sums[id] = b.sum(contributions[id])
		if within.inside && slices.Contains(wrt, id) {
			continue
		}
		value := None
		if within.inside && id == y {
			value = within.result
		}
		b.propagate(id, sums[id], value, wanted, contributions)
	}
	for i, id := range wrt {
		sum, reached := sums[id]
		if products[i] = sum; !reached {
			products[i] = None
		}
	}
	return products
}

// dependents marks the nodes up to y that depend on one of the given nodes,
// these included. Nothing depends on what is behind a stop_gradient.
func (b *Builder) dependents(of []ID, y ID) []bool {
	marked := make([]bool, y+1)
	for id := range marked {
		dependent := func(in ID) bool { return marked[in] }
		n := &b.g.nodes[id]
		marked[id] = slices.Contains(of, ID(id)) || n.Op != OpStopGradient && slices.ContainsFunc(n.Inputs, dependent)
	}
	return marked
}

// sum adds the contributions of the consumers of a value, earliest consumer
// first: the order is part of the result. Those of slices that share a value out
// among them are joined.
func (b *Builder) sum(latestFirst []ID) ID {
	if joined := b.joinPads(latestFirst); joined != None {
		return joined
	}
	total := latestFirst[len(latestFirst)-1]
	for _, d := range slices.Backward(latestFirst[:len(latestFirst)-1]) {
		total = b.Add(total, d)
	}
	return total
}

// joinPads returns the concatenation of the values that the given pads surround by
// zeros, if each element of their sum comes from one of them; None otherwise.
func (b *Builder) joinPads(pads []ID) ID {
	axis := -1
	for _, id := range pads {
		n := &b.g.nodes[id]
		if n.Op != OpPad || math.Float32bits(n.Attr.(Pad).Value) != 0 {
			return None
		}
		for i, length := range b.Shape(n.Inputs[0]) {
			if length != n.Type.Shape[i] && axis != i {
				if axis >= 0 {
					return None
				}
				axis = i
			}
		}
	}
	if axis < 0 || len(pads) < 2 {
		return None
	}
	before := func(id ID) int { return b.g.nodes[id].Attr.(Pad).Before[axis] }
	inOrder := slices.SortedFunc(slices.Values(pads), func(x, y ID) int { return cmp.Compare(before(x), before(y)) })
	parts, end := make([]ID, len(pads)), 0
	for i, id := range inOrder {
		if before(id) != end {
			return None
		}
		parts[i] = b.g.nodes[id].Inputs[0]
		end += b.Shape(parts[i])[axis]
	}
	if end != b.Shape(pads[0])[axis] {
		return None
	}
	return b.Apply(OpConcat, "", Axis{axis}, parts...)
}

// propagate adds what node id passes on to its inputs' contributions.
func (b *Builder) propagate(id, dy, value ID, wanted []bool, contributions map[ID][]ID) {
	n := b.g.nodes[id]
	c := &adjoint{Builder: b, node: n, self: id, dy: dy, wants: make([]bool, len(n.Inputs)), value: value}
	for i, in := range n.Inputs {
		c.wants[i] = wanted[in]
	}
	if !slices.Contains(c.wants, true) {
		return
	}
	for i, d := range b.inputAdjoints(c) {
		if in := n.Inputs[i]; c.wants[i] && d != None {
			contributions[in] = append(contributions[in], d)
		}
	}
}

func (b *Builder) inputAdjoints(c *adjoint) []ID {
	switch cell := table[c.node.Op].gradient; cell.kind {
	case GradientRule, GradientStraightThrough:
		return cell.vjp(c)
	case GradientDecompose:
		return b.throughDecomposition(c, cell.decompose)
	}
	if c.node.Op != OpStopGradient {
		b.fail("%s has no gradient: %s", describe(c.self, &c.node), table[c.node.Op].gradient.why)
	}
	return make([]ID, 0)
}

// throughDecomposition differentiates a node as the float ops it stands for.
// What they compute is only read where a rule needs it; the result itself is
// read from the node, so that a quantized forward pass is not computed twice.
func (b *Builder) throughDecomposition(c *adjoint, decompose func(*Builder, *Node, []ID) ID) []ID {
	inputs := make([]ID, len(c.node.Inputs))
	for i := range inputs {
		inputs[i] = c.in(i)
		if slices.Contains(inputs[:i], inputs[i]) {
			// The same value twice: two nodes keep the two adjoints apart. A
			// reshape, since the second derivative must pass.
			inputs[i] = b.Apply(OpReshape, "", Shape{b.Shape(inputs[i])}, inputs[i])
		}
	}
	out := c.out()
	y := decompose(b, &c.node, inputs)
	var wrt []ID
	for i, wants := range c.wants {
		if wants {
			wrt = append(wrt, inputs[i])
		}
	}
	found := b.backward(y, c.dy, wrt, segment{inside: true, result: out})
	adjoints := make([]ID, len(inputs))
	for i := range adjoints {
		adjoints[i] = None
		if c.wants[i] {
			adjoints[i], found = found[0], found[1:]
		}
	}
	return adjoints
}

package graph

import (
	"fmt"
	"slices"

	"megl-edge/runtime/tensor"
)

// Narrow returns a graph with the same outputs in which no more of a value is
// computed than is read. A transformer whose classifier reads one token then
// computes its last block for that token alone, and so does every gradient that
// is derived from the narrower graph. Results are the same to the bit: only
// rows that do not depend on each other are left out.
func Narrow(g *Graph) (*Graph, error) {
	n := &narrowing{g: g, kept: make([]box, g.Len()), parts: map[string]ID{}}
	n.demand()
	b := NewBuilder()
	made := make([]ID, g.Len())
	for id, node := range g.Nodes() {
		made[id] = n.build(b, id, node, made)
	}
	for _, o := range g.Outputs() {
		b.Output(o.Name, made[o.Node])
	}
	narrow, err := b.Build()
	if err != nil {
		return nil, err
	}
	return prune(narrow)
}

// box is a part of a value. The zero box is of a value that nothing reads yet.
type box struct {
	start []int
	size  tensor.Shape
}

func whole(s tensor.Shape) box { return box{make([]int, len(s)), s} }

func (b box) equal(o box) bool { return slices.Equal(b.start, o.start) && b.size.Equal(o.size) }

// with returns the box with all of an axis.
func (b box) with(axis, length int) box {
	b = box{slices.Clone(b.start), slices.Clone(b.size)}
	b.start[axis], b.size[axis] = 0, length
	return b
}

type narrowing struct {
	g    *Graph
	kept []box // what is computed of each value
	// parts has the slices made so far, so that two readers share one.
	parts map[string]ID
}

// demand goes from the outputs to the inputs: what is read of a value is what the
// nodes that read it need, if they agree, else all of it.
func (n *narrowing) demand() {
	read := make([]box, n.g.Len())
	for _, o := range n.g.Outputs() {
		read[o.Node] = whole(n.g.Node(o.Node).Type.Shape)
	}
	for id := ID(n.g.Len() - 1); id >= 0; id-- {
		node := n.g.Node(id)
		wanted := read[id]
		if wanted.size == nil && len(node.Type.Shape) > 0 {
			wanted = whole(node.Type.Shape) // of an input that nothing reads
		}
		var needs []box
		n.kept[id], needs = n.needs(node, wanted)
		for i, in := range node.Inputs {
			all := whole(n.g.Node(in).Type.Shape)
			switch {
			case needs == nil:
				read[in] = all
			case read[in].size == nil:
				read[in] = needs[i]
			case !read[in].equal(needs[i]):
				read[in] = all
			}
		}
	}
}

// needs returns what a node computes when a box of it is read, and the boxes of
// its inputs that this takes; nil stands for all of them.
func (n *narrowing) needs(node *Node, b box) (box, []box) {
	all := whole(node.Type.Shape)
	if b.equal(all) && node.Op != OpSlice {
		return all, nil
	}
	switch node.Op {
	case OpClamp, OpSigmoid, OpSqrt, OpExp, OpLog, OpTanh, OpErf, OpFloor, OpCeil, OpRound, OpGelu, OpHardSwish,
		OpAdd, OpSub, OpMul, OpDiv, OpPow, OpMaximum, OpMinimum, OpQuantAdd, OpQuantUnary:
		return b, n.elementwise(node, b)
	case OpQuantize, OpDequantize:
		if q := n.input(node, 0).Quant; q != nil && !q.IsPerTensor() {
			return all, nil
		}
		return b, []box{b}
	case OpSoftmax:
		last := len(b.size) - 1
		b = b.with(last, all.size[last])
		return b, []box{b}
	case OpLayerNorm, OpLinear, OpInt8Linear, OpQuantLinear:
		return n.rows(node, b)
	case OpMatMul, OpInt8MatMul:
		return n.product(node, b)
	case OpTranspose:
		in := box{make([]int, len(b.start)), make(tensor.Shape, len(b.size))}
		for i, p := range node.Attr.(Transpose).Perm {
			in.start[p], in.size[p] = b.start[i], b.size[i]
		}
		return b, []box{in}
	case OpReshape:
		return n.reshaped(node, b)
	case OpSlice:
		in := box{slices.Clone(b.start), b.size}
		for axis, start := range node.Attr.(Slice).Start {
			in.start[axis] += start
		}
		return b, []box{in}
	}
	return all, nil
}

func (n *narrowing) input(node *Node, i int) tensor.Type { return n.g.Node(node.Inputs[i]).Type }

// elementwise: an operand that is stretched along an axis is read whole there.
func (n *narrowing) elementwise(node *Node, b box) []box {
	boxes := make([]box, len(node.Inputs))
	for i := range boxes {
		shape := n.input(node, i).Shape
		boxes[i] = whole(shape)
		skip := len(b.size) - len(shape)
		for axis, d := range shape {
			if d == node.Type.Shape[skip+axis] {
				boxes[i] = boxes[i].with(axis, b.size[skip+axis])
				boxes[i].start[axis] = b.start[skip+axis]
			}
		}
	}
	return boxes
}

// rows: an op on the last axis of its first input, with constants.
func (n *narrowing) rows(node *Node, b box) (box, []box) {
	last := len(b.size) - 1
	b = b.with(last, node.Type.Shape[last])
	boxes := []box{b.with(last, n.input(node, 0).Shape[last])}
	for i := 1; i < len(node.Inputs); i++ {
		boxes = append(boxes, whole(n.input(node, i).Shape))
	}
	return b, boxes
}

// product: the rows of a, and the matrices of the batch.
func (n *narrowing) product(node *Node, b box) (box, []box) {
	if node.Attr.(MatMul).TransposeA {
		return whole(node.Type.Shape), nil
	}
	last := len(b.size) - 1
	b = b.with(last, node.Type.Shape[last])
	x, y := n.input(node, 0).Shape, n.input(node, 1).Shape
	second := b.with(last-1, y[last-1]).with(last, y[last])
	return b, []box{b.with(last, x[last]), second}
}

// reshaped: an axis that both shapes have, with as much before and behind it, is
// read as it is; others are read whole.
func (n *narrowing) reshaped(node *Node, b box) (box, []box) {
	from, to := n.input(node, 0).Shape, node.Type.Shape
	in := whole(from)
	for axis, d := range to {
		if b.size[axis] == d {
			continue
		}
		twin := slices.IndexFunc(from, func(length int) bool { return length == d })
		for twin >= 0 && (from[twin] != d || from[:twin].Elements() != to[:axis].Elements()) {
			if twin++; twin == len(from) {
				twin = -1
			}
		}
		if twin < 0 {
			b = b.with(axis, d)
			continue
		}
		in = in.with(twin, b.size[axis])
		in.start[twin] = b.start[axis]
	}
	return b, []box{in}
}

// build appends a node for what is kept of its value.
func (n *narrowing) build(b *Builder, id ID, node *Node, made []ID) ID {
	kept, needs := n.needs(node, n.kept[id])
	inputs := make([]ID, len(node.Inputs))
	for i, in := range node.Inputs {
		inputs[i] = made[in]
		if needs != nil {
			inputs[i] = n.cut(b, made[in], n.kept[in], needs[i])
		}
	}
	moved := *node
	moved.Inputs = inputs
	switch node.Op {
	case OpSlice:
		return inputs[0]
	case OpReshape:
		moved.Attr = Shape{Shape: kept.size}
	}
	return b.Copy(&moved)
}

// cut returns a box of a value of which another box is kept.
func (n *narrowing) cut(b *Builder, id ID, kept, wanted box) ID {
	if kept.equal(wanted) {
		return id
	}
	start := make([]int, len(wanted.start))
	for axis := range start {
		start[axis] = wanted.start[axis] - kept.start[axis]
	}
	key := fmt.Sprint(id, start, wanted.size)
	part, ok := n.parts[key]
	if !ok {
		part = b.Apply(OpSlice, "", Slice{Start: start, Size: wanted.size}, id)
		n.parts[key] = part
	}
	return part
}

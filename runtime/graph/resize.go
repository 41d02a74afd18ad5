package graph

import (
	"fmt"
	"slices"

	"megl-edge/runtime/tensor"
)

// Resize returns the same network for an input of another shape: larger or smaller
// images, or several at once. input names it; its rank stays. Only what the
// outputs need is kept, and no other input may be among that.
//
// For images of another size attributes that hold shapes follow: a reshape keeps its
// proportions, a slice that takes all of an axis still does, a window over the
// whole image too. An error names the node that has no such reading, such as an
// embedding that is learned for each position. Several images are computed
// independently of each other; the network must be that of one.
func Resize(g *Graph, input string, shape tensor.Shape) (*Graph, error) {
	id, ok := g.Find(input)
	if !ok || g.Node(id).Op != OpInput {
		return nil, fmt.Errorf("there is no input %q", input)
	}
	before := g.Node(id).Type.Shape
	if len(shape) != len(before) || len(shape) == 0 {
		return nil, fmt.Errorf("input %q of shape %v cannot become %v", input, before, shape)
	}
	if one := append(before[:1].Clone(), shape[1:]...); !one.Equal(before) {
		var err error
		if g, err = resizeImage(g, input, one); err != nil {
			return nil, err
		}
	}
	switch {
	case shape[0] == before[0]:
		return g, nil
	case before[0] != 1:
		return nil, fmt.Errorf("input %q of shape %v is not for one image", input, before)
	}
	return batched(g, input, shape[0])
}

// resizeImage changes the size of the images alone.
func resizeImage(g *Graph, input string, shape tensor.Shape) (*Graph, error) {
	needed := g.Ancestors(outputNodes(g)...)
	r := &resizing{b: NewBuilder(), g: g}
	made := make([]ID, g.Len())
	for id, n := range g.Nodes() {
		if !needed[id] {
			continue
		}
		if n.Op == OpInput {
			made[id] = newInput(r.b, n, input, shape)
			continue
		}
		moved := n.withInputs(made)
		made[id] = r.node(n, &moved)
	}
	for _, o := range g.Outputs() {
		r.b.Output(o.Name, made[o.Node])
	}
	return r.b.Build()
}

func outputNodes(g *Graph) []ID {
	var nodes []ID
	for _, o := range g.Outputs() {
		nodes = append(nodes, o.Node)
	}
	return nodes
}

// newInput declares the named input with another shape; no other may be needed.
func newInput(b *Builder, n *Node, name string, shape tensor.Shape) ID {
	if n.Name != name {
		return b.fail("input %q is needed beside %q", n.Name, name)
	}
	t := n.Type
	t.Shape = shape
	return b.Input(name, t)
}

type resizing struct {
	b *Builder
	g *Graph
}

// node copies a node whose inputs are already resized; old is how it was.
func (r *resizing) node(old, n *Node) ID {
	if r.b.err != nil {
		return 0
	}
	before := make([]tensor.Shape, len(n.Inputs))
	after := make([]tensor.Shape, len(n.Inputs))
	for i, in := range old.Inputs {
		before[i], after[i] = r.g.Node(in).Type.Shape, r.b.Shape(n.Inputs[i])
	}
	attr, err := resized(old, before, after)
	if err != nil {
		return r.b.fail("%s %q: %w", n.Op, n.Name, err)
	}
	n.Attr = attr
	return r.b.Copy(n)
}

// resized returns the attributes of a node for inputs of other shapes.
func resized(n *Node, before, after []tensor.Shape) (Attr, error) {
	switch a := n.Attr.(type) {
	case Shape:
		if n.Op == OpBroadcast {
			return resizedBroadcast(a, before[0], after[0])
		}
		return resizedReshape(a, before[0], after[0])
	case Slice:
		return resizedSlice(a, before[0], after[0])
	case Pool:
		return resizedPool(a, before[0], after[0]), nil
	case QuantPool:
		a.Pool = resizedPool(a.Pool, before[0], after[0])
		return a, nil
	case ConvInputGrad:
		return resizedInputGrad(a, before[0], after[0])
	}
	return n.Attr, nil
}

// resizedReshape splits both old shapes into the shortest groups of axes that
// hold equally many elements; what a group grew by, its outermost axis takes.
func resizedReshape(a Shape, before, after tensor.Shape) (Attr, error) {
	shape := a.Shape.Clone()
	from, to := 0, 0
	for from < len(before) && to < len(shape) {
		firstFrom, firstTo := from, to
		have, want := before[from], shape[to]
		from, to = from+1, to+1
		for have != want {
			switch {
			case have < want && from < len(before):
				have, from = have*before[from], from+1
			case have > want && to < len(shape):
				want, to = want*shape[to], to+1
			default:
				return nil, fmt.Errorf("shape %v cannot become %v", before, a.Shape)
			}
		}
		now := after[firstFrom:from].Elements()
		if have == 0 || shape[firstTo]*now%have != 0 || to-firstTo > 1 && now%have != 0 {
			return nil, fmt.Errorf("%v has no form for an input that is %v now and was %v", a.Shape, after, before)
		}
		shape[firstTo] = shape[firstTo] * now / have
	}
	return Shape{shape}, nil
}

// resizedBroadcast repeats along the axes that it did before, as often; the
// others follow the input.
func resizedBroadcast(a Shape, before, after tensor.Shape) (Attr, error) {
	shape := a.Shape.Clone()
	skip := len(shape) - len(before)
	for i, d := range before {
		switch {
		case d == shape[skip+i]:
			shape[skip+i] = after[i]
		case after[i] != d:
			return nil, fmt.Errorf("axis %d of %v is repeated and changes to %v", i, before, after)
		}
	}
	return Shape{shape}, nil
}

func resizedSlice(a Slice, before, after tensor.Shape) (Attr, error) {
	size := a.Size.Clone()
	for i, d := range size {
		if a.Start[i] == 0 && d == before[i] {
			size[i] = after[i]
		} else if after[i] != before[i] {
			return nil, fmt.Errorf("a part of axis %d is taken, which is %d long now and was %d", i, after[i], before[i])
		}
	}
	return Slice{slices.Clone(a.Start), size}, nil
}

// resizedPool keeps a window that spans the image spanning it.
func resizedPool(a Pool, before, after tensor.Shape) Pool {
	if a.Kernel == (HW{before[1], before[2]}) && a.Pad == (Sides{}) {
		a.Kernel = HW{after[1], after[2]}
	}
	return a
}

// resizedInputGrad keeps the ratio of a transposed convolution's sizes.
func resizedInputGrad(a ConvInputGrad, before, after tensor.Shape) (Attr, error) {
	a.Height += (after[1] - before[1]) * a.Stride[0]
	a.Width += (after[2] - before[2]) * a.Stride[1]
	if a.Height < 1 || a.Width < 1 {
		return nil, fmt.Errorf("an image of %v is too small", after)
	}
	return a, nil
}

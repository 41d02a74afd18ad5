package graph

import (
	"fmt"
	"slices"

	"megl-edge/runtime/tensor"
)

// Resize returns the same network for an input of another shape: several images
// at once, or larger or smaller ones. input names it; its rank stays. Only what
// the outputs need is kept, and no other input may be among that.
//
// Attributes that hold shapes follow: a reshape keeps its proportions, a slice
// that takes all of an axis still does, a window over the whole image too, and
// constants are repeated for every image where they are joined to one. An error
// names the node that has no such reading, such as an embedding that is learned
// for each position.
func Resize(g *Graph, input string, shape tensor.Shape) (*Graph, error) {
	var roots []ID
	for _, o := range g.Outputs() {
		roots = append(roots, o.Node)
	}
	needed := g.Ancestors(roots...)
	r := &resizing{b: NewBuilder(), g: g}
	made := make([]ID, g.Len())
	for id, n := range g.Nodes() {
		if !needed[id] {
			continue
		}
		if n.Op == OpInput {
			made[id] = r.input(n, input, shape)
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

type resizing struct {
	b *Builder
	g *Graph
}

func (r *resizing) input(n *Node, name string, shape tensor.Shape) ID {
	if n.Name != name {
		return r.b.fail("input %q is needed beside %q", n.Name, name)
	}
	if len(shape) != len(n.Type.Shape) {
		return r.b.fail("input %q of shape %v cannot become %v", name, n.Type.Shape, shape)
	}
	t := n.Type
	t.Shape = shape
	return r.b.Input(name, t)
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
	if a, ok := attr.(Axis); ok && n.Op == OpConcat {
		r.repeat(n, a.Axis)
	}
	return r.b.Copy(n)
}

// repeat broadcasts the joined values that have one image to the number of images
// of the others.
func (r *resizing) repeat(n *Node, axis int) {
	if axis == 0 {
		return
	}
	most := 1
	for _, in := range n.Inputs {
		most = max(most, r.b.Shape(in)[0])
	}
	for i, in := range n.Inputs {
		shape := r.b.Shape(in).Clone()
		if shape[0] == 1 && most > 1 {
			shape[0] = most
			n.Inputs[i] = r.b.Apply(OpBroadcast, "", Shape{shape}, in)
		}
	}
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
// hold equally many elements. What axes of length 1 grew by, those between the
// same groups take; where only the new shape has such axes, they take what the
// group behind them grew by: the number of images stays an axis of its own.
// Without such axes the outermost of the group grows.
func resizedReshape(a Shape, before, after tensor.Shape) (Attr, error) {
	shape := a.Shape.Clone()
	from, to := 0, 0
	for from < len(before) || to < len(shape) {
		firstFrom, firstTo := from, to
		for from < len(before) && before[from] == 1 {
			from++
		}
		for to < len(shape) && shape[to] == 1 {
			to++
		}
		grown, spare := after[firstFrom:from].Elements(), -1
		if ones := to - firstTo; ones > 0 {
			at := slices.IndexFunc(after[firstFrom:from], func(d int) bool { return d != 1 })
			spare = firstTo + min(max(at, 0), ones-1)
		}
		if spare >= 0 && from > firstFrom {
			shape[spare], grown, spare = grown, 1, -1
		}
		if from == len(before) && to == len(shape) {
			if grown != 1 {
				return nil, fmt.Errorf("no axis of %v follows an input that is %v now and was %v", a.Shape, after, before)
			}
			break
		}
		firstFrom, firstTo = from, to
		have, want := 1, 1
		for have != want || from == firstFrom {
			switch {
			case have <= want && from < len(before):
				have, from = have*before[from], from+1
			case have >= want && to < len(shape):
				want, to = want*shape[to], to+1
			default:
				return nil, fmt.Errorf("shape %v cannot become %v", before, a.Shape)
			}
		}
		now := after[firstFrom:from].Elements() * grown
		outer := firstTo
		if spare >= 0 && have != 0 && now%have == 0 {
			outer = spare
		}
		if have == 0 || shape[outer]*now%have != 0 || to-firstTo > 1 && now%have != 0 {
			return nil, fmt.Errorf("%v has no form for an input that is %v now and was %v", a.Shape, after, before)
		}
		shape[outer] = shape[outer] * now / have
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

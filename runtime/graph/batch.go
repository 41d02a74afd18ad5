package graph

import (
	"slices"

	"megl-edge/runtime/tensor"
)

// batching makes a network for one image that of several: every value that depends
// on the image gets one more axis, the outermost, and no op mixes what lies apart
// on it. Where the outermost axis is 1 long, the new one takes its place, so that
// images stay [N × height × width × channels].
type batching struct {
	b       *Builder
	g       *Graph
	n       int
	depends []bool
	made    []ID
}

// batched returns the network for n images.
func batched(g *Graph, input string, n int) (*Graph, error) {
	needed := g.Ancestors(outputNodes(g)...)
	m := &batching{NewBuilder(), g, n, make([]bool, g.Len()), make([]ID, g.Len())}
	for id, node := range g.Nodes() {
		if !needed[id] {
			continue
		}
		for _, in := range node.Inputs {
			m.depends[id] = m.depends[id] || m.depends[in]
		}
		switch {
		case node.Op == OpInput:
			m.depends[id] = true
			m.made[id] = newInput(m.b, node, input, m.place(node.Type.Shape))
		case !m.depends[id]:
			moved := node.withInputs(m.made)
			m.made[id] = m.b.Copy(&moved)
		case m.b.err == nil:
			m.made[id] = m.node(node)
		}
	}
	for _, o := range g.Outputs() {
		m.b.Output(o.Name, m.made[o.Node])
	}
	many, err := m.b.Build()
	if err != nil {
		return nil, err
	}
	return prune(many) // every reader of a value has reshaped it for itself
}

// place returns the shape of a value that was of the given one.
func (m *batching) place(s tensor.Shape) tensor.Shape {
	if len(s) > 0 && s[0] == 1 {
		return append(tensor.Shape{m.n}, s[1:]...)
	}
	return m.apart(s)
}

// apart returns the shape with the images on an axis of their own.
func (m *batching) apart(s tensor.Shape) tensor.Shape {
	return append(tensor.Shape{m.n}, s...)
}

// together returns the shape with the images on the outermost axis.
func (m *batching) together(s tensor.Shape) tensor.Shape {
	return append(tensor.Shape{m.n * s[0]}, s[1:]...)
}

// widened returns the shape with axes of 1 before it, rank in all.
func widened(s tensor.Shape, rank int) tensor.Shape {
	return append(slices.Repeat(tensor.Shape{1}, rank-len(s)), s...)
}

// input returns input i of a node in the shape that form makes of its old one.
// Values that do not depend on the image stay as they are.
func (m *batching) input(n *Node, i int, form func(tensor.Shape) tensor.Shape) ID {
	id := n.Inputs[i]
	if !m.depends[id] {
		return m.made[id]
	}
	return m.b.Reshape(m.made[id], form(m.g.Node(id).Type.Shape))
}

// apply appends a node with its inputs in a form; the result is brought to its
// place. The name goes to the value that has the place's shape.
func (m *batching) apply(n *Node, attr Attr, form func(tensor.Shape) tensor.Shape) ID {
	inputs := make([]ID, len(n.Inputs))
	for i := range inputs {
		inputs[i] = m.input(n, i, form)
	}
	return m.finish(n, attr, inputs)
}

// finish appends a node and brings its value to its place, which gets the name.
func (m *batching) finish(n *Node, attr Attr, inputs []ID) ID {
	if m.b.err != nil {
		return 0
	}
	place := m.place(n.Type.Shape)
	y := Node{Op: n.Op, Inputs: inputs, Attr: attr}
	t, err := m.b.infer(table[n.Op], &y)
	switch {
	case err != nil:
		return m.b.fail("%s %q: %w", n.Op, n.Name, err)
	case t.Shape.Equal(place):
		return m.b.Apply(n.Op, n.Name, attr, inputs...)
	}
	return m.b.Apply(OpReshape, n.Name, Shape{place}, m.b.Apply(n.Op, "", attr, inputs...))
}

// node appends a node that depends on the image.
func (m *batching) node(n *Node) ID {
	switch n.Op {
	case OpConvFilterGrad:
		return m.b.fail("%s %q: it adds up over images", n.Op, n.Name)
	case OpConv, OpConvInputGrad, OpArgMaxPool, OpMaxPool, OpAvgPool, OpNormalize, OpLinear, OpBatchNorm,
		OpQuantConv, OpQuantLinear, OpQuantAvgPool, OpInt8Linear:
		return m.outermost(n)
	case OpReshape:
		return m.b.Apply(OpReshape, n.Name, Shape{m.place(n.Type.Shape)}, m.made[n.Inputs[0]])
	case OpBroadcast:
		return m.stretched(n, Shape{m.apart(n.Type.Shape)})
	case OpConcat:
		return m.joined(n)
	case OpGather:
		return m.gathered(n)
	}
	if attr, ok := m.shifted(n); ok {
		return m.apply(n, attr, m.apart)
	}
	return m.elementwise(n)
}

// outermost appends an op whose outermost axis is a batch. Filters and the like
// must not depend on the image.
func (m *batching) outermost(n *Node) ID {
	for _, in := range n.Inputs[1:] {
		if m.depends[in] {
			return m.b.fail("%s %q: its weights depend on the image", n.Op, n.Name)
		}
	}
	return m.apply(n, n.Attr, m.together)
}

// stretched appends an op that broadcasts, with the images apart and all else
// aligned.
func (m *batching) stretched(n *Node, attr Attr) ID {
	rank := len(n.Type.Shape)
	return m.apply(n, attr, func(s tensor.Shape) tensor.Shape { return m.apart(widened(s, rank)) })
}

// elementwise appends an op that reads elements at one place, broadcast, or along
// the last axis. Where no axis but the images' would have to be added, none is.
func (m *batching) elementwise(n *Node) ID {
	rank := len(n.Type.Shape)
	inPlace := rank > 1 && n.Type.Shape[0] == 1 && (rank > 2 || n.Op != OpMatMul && n.Op != OpInt8MatMul)
	for _, in := range n.Inputs {
		s := m.g.Node(in).Type.Shape
		inPlace = inPlace && len(s) <= rank && (!m.depends[in] || len(s) == rank && s[0] == 1)
	}
	if inPlace {
		return m.apply(n, n.Attr, m.place)
	}
	switch n.Op {
	case OpSoftmax, OpLayerNorm, OpArgMax, OpArgTopK, OpOneHot:
		return m.apply(n, n.Attr, m.apart)
	}
	return m.stretched(n, n.Attr)
}

// joined appends a concatenation; what does not depend on the image is repeated.
func (m *batching) joined(n *Node) ID {
	inputs := make([]ID, len(n.Inputs))
	for i, in := range n.Inputs {
		shape := m.g.Node(in).Type.Shape
		if inputs[i] = m.input(n, i, m.apart); !m.depends[in] {
			inputs[i] = m.b.Apply(OpBroadcast, "", Shape{m.apart(shape)}, inputs[i])
		}
	}
	return m.finish(n, Axis{n.Attr.(Axis).Axis + 1}, inputs)
}

// gathered appends a gather of which one side depends on the image.
func (m *batching) gathered(n *Node) ID {
	axis := n.Attr.(Axis).Axis
	switch values, indices := m.depends[n.Inputs[0]], m.depends[n.Inputs[1]]; {
	case values && !indices:
		return m.apply(n, Axis{axis + 1}, m.apart)
	case !values && axis == 0:
		return m.apply(n, n.Attr, m.apart)
	}
	return m.b.fail("%s %q: it takes other parts of every image", n.Op, n.Name)
}

// shifted returns the attributes of an op that names axes, one further; ok is false
// for the others.
func (m *batching) shifted(n *Node) (Attr, bool) {
	further := func(axes []int) []int {
		moved := make([]int, len(axes))
		for i, axis := range axes {
			moved[i] = axis + 1
		}
		return moved
	}
	switch a := n.Attr.(type) {
	case Transpose:
		return Transpose{append([]int{0}, further(a.Perm)...)}, true
	case Slice:
		return Slice{append([]int{0}, a.Start...), m.apart(a.Size)}, true
	case Pad:
		return Pad{append([]int{0}, a.Before...), append([]int{0}, a.After...), a.Value}, true
	case Reduce:
		return Reduce{further(a.Axes), a.KeepDims}, true
	case QuantReduce:
		a.Reduce = Reduce{further(a.Axes), a.KeepDims}
		return a, true
	case CumSum:
		a.Axis++
		return a, true
	case Axis: // gather_elements
		return Axis{a.Axis + 1}, true
	case Scatter:
		return Scatter{Axis: a.Axis + 1, Shape: m.apart(a.Shape)}, true
	}
	return nil, false
}

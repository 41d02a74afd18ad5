package graph

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"

	"megl-edge/runtime/tensor"
)

// Builder grows a graph. Its methods append a node and return its ID; the first
// thing that goes wrong is kept, later calls do nothing, and [Builder.Build]
// returns it. Building therefore reads like algebra.
type Builder struct {
	g        Graph
	err      error
	real     map[ID]ID      // dequantized values, so that each is made once
	numbers  map[string]int // the number that a taken name got last
	reserved map[string]ID  // names of nodes that Rewrite has still to copy
}

// NewBuilder returns a builder of an empty graph.
func NewBuilder() *Builder {
	return &Builder{g: Graph{names: map[string]ID{}}, real: map[ID]ID{}, numbers: map[string]int{}}
}

// Extend returns a builder that starts from the nodes and outputs of g.
func Extend(g *Graph) *Builder {
	b := NewBuilder()
	b.g.nodes = slices.Clone(g.nodes)
	b.g.outputs = slices.Clone(g.outputs)
	b.g.names = maps.Clone(g.names)
	return b
}

// Build returns the finished graph, or the first error of the building calls.
// The builder must not be used afterwards.
func (b *Builder) Build() (*Graph, error) {
	if b.err == nil && len(b.g.outputs) == 0 {
		b.err = errors.New("graph has no outputs")
	}
	if b.err != nil {
		return nil, b.err
	}
	return &b.g, nil
}

// Err returns the first error so far.
func (b *Builder) Err() error { return b.err }

func (b *Builder) fail(format string, args ...any) ID {
	if b.err == nil {
		b.err = fmt.Errorf(format, args...)
	}
	return 0
}

// check fails on IDs that belong to no node, and after an error.
func (b *Builder) check(ids ...ID) bool {
	for _, id := range ids {
		if id < 0 || int(id) >= len(b.g.nodes) {
			b.fail("node %d of %d does not exist", id, len(b.g.nodes))
		}
	}
	return b.err == nil
}

// Type returns the type of a node that was built, after an error the zero type.
func (b *Builder) Type(id ID) tensor.Type {
	if !b.check(id) {
		return tensor.Type{}
	}
	return b.g.nodes[id].Type
}

// Shape returns the shape of a node that was built, after an error none.
func (b *Builder) Shape(id ID) tensor.Shape { return b.Type(id).Shape }

// Node returns a node that was built, after an error an empty one.
func (b *Builder) Node(id ID) *Node {
	if !b.check(id) {
		return &Node{}
	}
	return &b.g.nodes[id]
}

// Find returns the node with the given name.
func (b *Builder) Find(name string) (ID, bool) { return b.g.Find(name) }

// Input declares a value that the caller of the graph feeds. Its name must be
// new and printable.
func (b *Builder) Input(name string, t tensor.Type) ID {
	if err := firstError(checkName(name), t.Check()); err != nil {
		return b.fail("input %.64q: %w", name, err)
	}
	if _, taken := b.g.names[name]; taken {
		return b.fail("input %q: the name is taken", name)
	}
	return b.append(Node{Op: OpInput, Name: name, Type: t})
}

// Constant adds a value that is part of the model. The tensor's memory is
// shared and must not change. For the name see [Builder.Apply].
func (b *Builder) Constant(name string, value tensor.Tensor) ID {
	if err := value.Check(); err != nil {
		return b.fail("constant %.64q: %w", name, err)
	}
	return b.append(Node{Op: OpConstant, Name: name, Type: value.Type, Value: &value})
}

// Scalar adds a float32 constant of the empty shape.
func (b *Builder) Scalar(v float32) ID { return b.Constant("scalar", tensor.Scalar(v)) }

// Apply appends a node and infers its type. The attributes are shared and must
// not change. The name is a wish: if it is empty, the op's is used, what cannot
// be printed is replaced, and a name that is taken gets a number.
func (b *Builder) Apply(op Op, name string, attr Attr, inputs ...ID) ID {
	if b.err != nil {
		return 0
	}
	row, ok := table[op]
	if !ok {
		return b.fail("op %.32q is not known", op)
	}
	n := Node{Op: op, Name: name, Inputs: slices.Clone(inputs), Attr: attr}
	t, err := b.infer(row, &n)
	if err != nil {
		return b.fail("%s %.64q: %w", op, name, err)
	}
	n.Type = t
	return b.append(n)
}

// infer checks the inputs and the attributes of a node and applies its shape
// rule.
func (b *Builder) infer(row *row, n *Node) (tensor.Type, error) {
	if row.infer == nil {
		return tensor.Type{}, errors.New("cannot be applied")
	}
	if len(n.Inputs) < row.minInputs || len(n.Inputs) > row.maxInputs {
		return tensor.Type{}, fmt.Errorf("has %d inputs, want %d to %d", len(n.Inputs), row.minInputs, row.maxInputs)
	}
	types := make([]tensor.Type, len(n.Inputs))
	for i, in := range n.Inputs {
		if in < 0 || int(in) >= len(b.g.nodes) {
			return tensor.Type{}, fmt.Errorf("input %d is node %d, which does not come before it", i, in)
		}
		types[i] = b.g.nodes[in].Type
	}
	if err := row.checkAttr(n.Attr); err != nil {
		return tensor.Type{}, err
	}
	t, err := row.infer(n.Attr, types)
	if err != nil {
		return tensor.Type{}, err
	}
	return t, t.Check()
}

func (b *Builder) append(n Node) ID {
	if b.err != nil {
		return 0
	}
	n.Name = b.freeName(cmp.Or(n.Name, string(n.Op)))
	id := ID(len(b.g.nodes))
	b.g.nodes = append(b.g.nodes, n)
	b.g.names[n.Name] = id
	return id
}

// Output declares a named result. An output of the same name is replaced.
func (b *Builder) Output(name string, id ID) {
	if err := checkName(name); err != nil {
		b.fail("output %.64q: %w", name, err)
	}
	if !b.check(id) {
		return
	}
	for i, o := range b.g.outputs {
		if o.Name == name {
			b.g.outputs[i].Node = id
			return
		}
	}
	b.g.outputs = append(b.g.outputs, Output{name, id})
}

// ClearOutputs forgets all declared results.
func (b *Builder) ClearOutputs() { b.g.outputs = nil }

// Real returns the node itself where its value is float32, and its
// dequantization where it is quantized.
func (b *Builder) Real(id ID) ID {
	if b.Type(id).Quant == nil {
		return id
	}
	if r, ok := b.real[id]; ok {
		return r
	}
	r := b.Apply(OpDequantize, b.g.nodes[id].Name+"/real", nil, id)
	b.real[id] = r
	return r
}

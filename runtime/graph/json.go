package graph

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"unsafe"

	"megl-edge/runtime/tensor"
)

// The graph as the model file holds it: nodes in order, each with what cannot
// be inferred. Constants refer to tensors by name.
type graphJSON struct {
	Nodes   list[nodeJSON]   `json:"nodes"`
	Outputs list[outputJSON] `json:"outputs"`
}

type nodeJSON struct {
	Op     Op              `json:"op"`
	Name   string          `json:"name"`
	Inputs list[ID]        `json:"inputs,omitempty"`
	Attr   json.RawMessage `json:"attributes,omitempty"`
	Type   *tensor.Type    `json:"type,omitempty"`   // of inputs and constants
	Tensor string          `json:"tensor,omitempty"` // of constants
	// Quant is the quantization of a constant along an axis; one for all its
	// values is part of the type.
	Quant *axisQuantization `json:"axis_quantization,omitempty"`
}

type outputJSON struct {
	Name string `json:"name"`
	Node ID     `json:"node"`
}

// list is a JSON list of bounded length, so that a short text cannot ask for
// much memory: its elements are larger in memory than they may be as text.
type list[T any] []T

// UnmarshalJSON reads one element after the other.
func (l *list[T]) UnmarshalJSON(data []byte) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if start, err := d.Token(); err != nil || start != json.Delim('[') {
		return errors.New("want a list")
	}
	for *l = nil; d.More(); {
		if len(*l) == maxNodes {
			return fmt.Errorf("a list of more than %d elements", maxNodes)
		}
		var element T
		if err := d.Decode(&element); err != nil {
			return err
		}
		*l = append(*l, element)
	}
	return nil
}

// NamedTensor is a tensor of the model file.
type NamedTensor struct {
	Name   string
	Tensor tensor.Tensor
}

// Encode returns the graph as JSON and the tensors that its constants refer to.
// Constants that share memory share a tensor.
func Encode(g *Graph) (data []byte, tensors []NamedTensor, err error) {
	if g.Len() > maxNodes || len(g.Outputs()) > maxOutputs {
		return nil, nil, fmt.Errorf("graph: %d nodes and %d outputs, at most %d and %d can be stored",
			g.Len(), len(g.Outputs()), maxNodes, maxOutputs)
	}
	var j graphJSON
	stored := map[storedKey]string{}
	for _, n := range g.Nodes() {
		node, err := encodeNode(n)
		if err != nil {
			return nil, nil, fmt.Errorf("graph: node %q: %w", n.Name, err)
		}
		if n.Op == OpConstant {
			key := keyOf(*n.Value)
			if _, shared := stored[key]; !shared {
				stored[key] = n.Name
				tensors = append(tensors, NamedTensor{n.Name, *n.Value})
			}
			node.Tensor = stored[key]
			tensors = append(tensors, node.encodeQuantization(g, n)...)
		}
		j.Nodes = append(j.Nodes, node)
	}
	for _, o := range g.Outputs() {
		j.Outputs = append(j.Outputs, outputJSON(o))
	}
	data, err = json.Marshal(j)
	return data, tensors, err
}

func encodeNode(n *Node) (node nodeJSON, err error) {
	node = nodeJSON{Op: n.Op, Name: n.Name, Inputs: n.Inputs}
	if n.Attr != nil {
		node.Attr, err = json.Marshal(n.Attr)
	}
	if n.Op == OpInput || n.Op == OpConstant {
		node.Type = &n.Type
	}
	return node, err
}

// storedKey tells constants apart that need a tensor of their own.
type storedKey struct {
	first *byte // of the data
	kind  string
}

func keyOf(t tensor.Tensor) storedKey { return storedKey{unsafe.SliceData(t.Data), t.String()} }

// The largest graph that is written and read.
const (
	maxNodes   = 1 << 16
	maxOutputs = 1 << 10
)

// Decode reads what [Encode] writes. lookup returns the tensor with a given
// name. Everything is checked as if the graph were built anew; an error names
// the node.
func Decode(data []byte, lookup func(name string) (tensor.Tensor, error)) (*Graph, error) {
	var j graphJSON
	if err := strictUnmarshal(data, &j); err != nil {
		return nil, fmt.Errorf("graph: %w", err)
	}
	if len(j.Outputs) > maxOutputs {
		return nil, fmt.Errorf("graph: %d outputs, at most %d are allowed", len(j.Outputs), maxOutputs)
	}
	b := NewBuilder()
	for i := range j.Nodes {
		if err := b.decodeNode(&j.Nodes[i], lookup); err != nil {
			return nil, fmt.Errorf("graph: node %d: %w", i, err)
		}
	}
	for _, o := range j.Outputs {
		if err := b.decodeOutput(o); err != nil {
			return nil, fmt.Errorf("graph: %w", err)
		}
	}
	return b.Build()
}

func (b *Builder) decodeOutput(o outputJSON) error {
	if _, twice := b.g.Output(o.Name); twice {
		return fmt.Errorf("two outputs are named %q", o.Name)
	}
	b.Output(o.Name, o.Node)
	return b.err
}

func (b *Builder) decodeNode(j *nodeJSON, lookup func(string) (tensor.Tensor, error)) error {
	if err := checkName(j.Name); err != nil {
		return err
	}
	if _, taken := b.g.names[j.Name]; taken {
		return fmt.Errorf("name %q is used twice", j.Name)
	}
	row, ok := table[j.Op]
	if !ok {
		return fmt.Errorf("op %.32q is not known", j.Op)
	}
	leaf := j.Op == OpInput || j.Op == OpConstant
	constant := j.Op == OpConstant
	if leaf != (j.Type != nil) || constant != (j.Tensor != "") || !constant && j.Quant != nil || leaf && len(j.Inputs) > 0 {
		return fmt.Errorf("%s %q: only inputs and constants have a type, only constants a tensor, and both no inputs", j.Op, j.Name)
	}
	at, err := row.decodeAttr(j.Attr)
	if err != nil {
		return fmt.Errorf("%s %q: %w", j.Op, j.Name, err)
	}
	switch j.Op {
	case OpInput:
		b.Input(j.Name, *j.Type)
	case OpConstant:
		return b.decodeConstant(j, lookup)
	default:
		b.Apply(j.Op, j.Name, at, j.Inputs...)
	}
	return b.err
}

func (b *Builder) decodeConstant(j *nodeJSON, lookup func(string) (tensor.Tensor, error)) error {
	if err := firstError(checkName(j.Tensor), j.Type.Check()); err != nil {
		return fmt.Errorf("constant %q: %w", j.Name, err)
	}
	value, err := lookup(j.Tensor)
	if err != nil {
		return fmt.Errorf("constant %q: %w", j.Name, err)
	}
	if value.DType != j.Type.DType || !value.Shape.Equal(j.Type.Shape) {
		return fmt.Errorf("constant %q is %v, its tensor %q is %v", j.Name, *j.Type, j.Tensor, value.Type)
	}
	q := j.Type.Quant
	if j.Quant != nil {
		if q, err = j.Quant.decode(lookup); err != nil {
			return fmt.Errorf("constant %q: quantization: %w", j.Name, err)
		}
	}
	b.Constant(j.Name, value.WithQuant(q))
	return b.err
}

package onnx

import (
	"fmt"
	"slices"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/onnx/proto"
	"megl-edge/runtime/tensor"
)

// call is one node of the file that is being converted.
type call struct {
	*importer
	node    *proto.Node
	in      []value
	present []bool          // inputs that are not left out
	read    map[string]bool // attributes that the conversion looked at
}

// has tells whether input i is given.
func (c *call) has(i int) bool { return i < len(c.in) && c.present[i] }

// require fails unless the first n inputs are given.
func (c *call) require(n int) error {
	for i := range n {
		if !c.has(i) {
			return fmt.Errorf("%w: input %d is missing", errAbsent, i)
		}
	}
	return nil
}

// attribute returns the named attribute, or nil where it is not given.
func (c *call) attribute(name string, kind proto.AttributeType) (*proto.Attribute, error) {
	c.read[name] = true
	for i := range c.node.Attributes {
		a := &c.node.Attributes[i]
		if a.Name != name {
			continue
		}
		if a.Type != kind && a.Type != 0 {
			return nil, fmt.Errorf("attribute %s has type %d, want %d", name, a.Type, kind)
		}
		return a, nil
	}
	return nil, nil
}

func (c *call) int(name string, missing int64) (int64, error) {
	a, err := c.attribute(name, proto.AttributeInt)
	if a == nil {
		return missing, err
	}
	return a.Int, nil
}

func (c *call) float(name string, missing float32) (float32, error) {
	a, err := c.attribute(name, proto.AttributeFloat)
	if a == nil {
		return missing, err
	}
	return a.Float, nil
}

func (c *call) string(name, missing string) (string, error) {
	a, err := c.attribute(name, proto.AttributeString)
	if a == nil {
		return missing, err
	}
	return a.String, nil
}

// ints returns a list, nil where it is not given.
func (c *call) ints(name string) ([]int64, error) {
	a, err := c.attribute(name, proto.AttributeInts)
	if a == nil {
		return nil, err
	}
	return a.Ints, nil
}

// ignore marks attributes that do not change the result.
func (c *call) ignore(names ...string) {
	for _, name := range names {
		c.read[name] = true
	}
}

// settings returns whole numbers that are an input, or an attribute in older
// opsets; ok is false where neither is given.
func (c *call) settings(input int, attribute string) (numbers []int64, ok bool, err error) {
	numbers, err = c.ints(attribute)
	if err != nil || numbers != nil {
		return numbers, true, err
	}
	if !c.has(input) {
		return nil, false, nil
	}
	numbers, err = c.constantInts(input)
	return numbers, true, err
}

// constantInts returns the elements of an input that must be known.
func (c *call) constantInts(i int) ([]int64, error) {
	t, err := c.known(i)
	if err != nil {
		return nil, err
	}
	wide, err := runtimeCast(t, tensor.Int64)
	if err != nil {
		return nil, err
	}
	return tensor.Elements[int64](wide), nil
}

// constantFloats returns the elements of an input that must be known.
func (c *call) constantFloats(i int) ([]float32, error) {
	t, err := c.known(i)
	if err != nil {
		return nil, err
	}
	real, err := runtimeCast(t, tensor.Float32)
	if err != nil {
		return nil, err
	}
	return tensor.Elements[float32](real), nil
}

// known returns the value of input i, or an error that names the inputs of the
// model it depends on.
func (c *call) known(i int) (tensor.Tensor, error) {
	if !c.has(i) {
		return tensor.Tensor{}, fmt.Errorf("%w: input %d is missing", errAbsent, i)
	}
	if t, ok := c.constantOf(c.in[i]); ok {
		return t, nil
	}
	if err := c.Err(); err != nil {
		return tensor.Tensor{}, err
	}
	return tensor.Tensor{}, &needsValueError{c.inputsOf(c.in[i].id)}
}

// inputsOf returns the model inputs that a node depends on.
func (im *importer) inputsOf(id graph.ID) []string {
	var names []string
	seen := map[graph.ID]bool{}
	var visit func(id graph.ID)
	visit = func(id graph.ID) {
		if seen[id] {
			return
		}
		seen[id] = true
		if name, ok := im.sources[id]; ok {
			names = append(names, name)
		}
		for _, in := range im.Node(id).Inputs {
			visit(in)
		}
	}
	visit(id)
	slices.Sort(names)
	if len(names) == 0 {
		names = []string{"?"}
	}
	return names
}

// single wraps the one result of most conversions.
func single(v value, err error) ([]value, error) { return []value{v}, err }

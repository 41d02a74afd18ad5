package eval64

import (
	"fmt"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

// Value is a tensor in float64.
type Value struct {
	tensor.Type
	Data []float64
}

// zeros returns a value of the given type.
func zeros(t tensor.Type) Value { return Value{t, make([]float64, t.Shape.Elements())} }

// evaluation computes one node: the elements of y from its inputs.
type evaluation func(n *graph.Node, y Value, in []Value)

// Has tells whether op can be evaluated.
func Has(op graph.Op) bool {
	_, ok := evaluations[op]
	return ok || op == graph.OpInput || op == graph.OpConstant
}

// Run returns the value of every node, by ID. fed are the values of the inputs.
func Run(g *graph.Graph, fed map[graph.ID][]float64) ([]Value, error) {
	values := make([]Value, g.Len())
	for id, n := range g.Nodes() {
		switch n.Op {
		case graph.OpInput:
			if len(fed[id]) != n.Type.Shape.Elements() {
				return nil, fmt.Errorf("input %q of type %v is fed %d elements", n.Name, n.Type, len(fed[id]))
			}
			values[id] = Value{n.Type, fed[id]}
		case graph.OpConstant:
			values[id] = FromTensor(*n.Value)
		default:
			evaluate, ok := evaluations[n.Op]
			if !ok {
				return nil, fmt.Errorf("op %q cannot be evaluated", n.Op)
			}
			in := make([]Value, len(n.Inputs))
			for i, id := range n.Inputs {
				in[i] = values[id]
			}
			values[id] = zeros(n.Type)
			evaluate(n, values[id], in)
		}
	}
	return values, nil
}

// FromTensor returns the elements of t in float64.
func FromTensor(t tensor.Tensor) Value {
	v := Value{Type: t.Type}
	switch t.DType {
	case tensor.Float32:
		v.Data = widened(tensor.Elements[float32](t))
	case tensor.Float64:
		v.Data = widened(tensor.Elements[float64](t))
	case tensor.Int32:
		v.Data = widened(tensor.Elements[int32](t))
	case tensor.Int8:
		v.Data = widened(tensor.Elements[int8](t))
	case tensor.UInt8, tensor.Bool:
		v.Data = widened(t.Data)
	default:
		panic(fmt.Sprintf("eval64: no elements of type %v", t.DType))
	}
	return v
}

func widened[T int8 | uint8 | int32 | float32 | float64](elements []T) []float64 {
	wide := make([]float64, len(elements))
	for i, e := range elements {
		wide[i] = float64(e)
	}
	return wide
}

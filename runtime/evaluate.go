package runtime

import (
	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

// Evaluate computes one op on values at hand, as a plan would: what a constant
// is worth that depends on constants only.
func Evaluate(op graph.Op, attr graph.Attr, inputs ...tensor.Tensor) (tensor.Tensor, error) {
	b := graph.NewBuilder()
	ids := make([]graph.ID, len(inputs))
	for i, in := range inputs {
		ids[i] = b.Constant("", in)
	}
	b.Output("value", b.Apply(op, "", attr, ids...))
	g, err := b.Build()
	if err != nil {
		return tensor.Tensor{}, err
	}
	if g, err = expand(g); err != nil {
		return tensor.Tensor{}, err
	}
	p := &Plan{graph: g}
	if err := p.prepare(fuse(g), Options{}); err != nil {
		return tensor.Tensor{}, err
	}
	p.memory = planMemory(g, p.steps)
	s := p.NewSession(1)
	defer s.Close()
	s.Run()
	out, err := s.Output("value")
	if err != nil {
		return tensor.Tensor{}, err
	}
	value := tensor.Zeros(out.Type)
	copy(value.Data, out.Data)
	return value, nil
}

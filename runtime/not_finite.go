package runtime

import (
	"slices"

	"megl-edge/runtime/tensor"
)

// FirstNotFinite runs the plan and returns the name of the first float32 value
// that holds a NaN or an infinity: of the inputs, or of what the layers compute,
// in their order. It is empty where all values are finite. Constants may be
// infinite, as those of attention masks are. Slow: a run that gave such a result is
// repeated so, to say where it began.
func (s *Session) FirstNotFinite() string {
	g := s.plan.graph
	for _, id := range g.Inputs() {
		if notFinite(s.values[id]) {
			return g.Node(id).Name
		}
	}
	for i, step := range s.plan.steps {
		if s.RunStep(i); notFinite(s.values[step.output]) {
			return g.Node(step.output).Name
		}
	}
	return ""
}

func notFinite(t tensor.Tensor) bool {
	return t.DType == tensor.Float32 && slices.ContainsFunc(tensor.Elements[float32](t), func(v float32) bool { return v-v != 0 })
}

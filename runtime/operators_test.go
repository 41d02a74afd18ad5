package runtime

import (
	"slices"
	"testing"

	"megl-edge/runtime/graph"
)

// Every op of the graph has a kernel, or a reason to have none.
func TestEveryOpHasAKernel(t *testing.T) {
	without := []graph.Op{
		graph.OpInput, graph.OpConstant, // leaves
		graph.OpReshape, graph.OpStopGradient, // their input's memory
		graph.OpBatchNorm, // expanded into others
	}
	ops := graph.Ops()
	for _, op := range ops {
		if _, has := operators[op]; has == slices.Contains(without, op) {
			t.Errorf("op %q: kernel %v", op, has)
		}
	}
	for op := range operators {
		if !slices.Contains(ops, op) {
			t.Errorf("kernel for %q, which is no op", op)
		}
	}
}

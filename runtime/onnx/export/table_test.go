package export

import (
	"testing"

	"megl-edge/runtime/graph"
)

func TestEveryOpHasARow(t *testing.T) {
	ops := graph.Ops()
	for _, op := range ops {
		if table[op].export == nil {
			t.Errorf("%s has no row", op)
		}
	}
	if len(table) != len(ops) {
		t.Errorf("%d rows for %d ops", len(table), len(ops))
	}
}

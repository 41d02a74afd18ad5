package export_test

import (
	"fmt"
	"slices"
	"testing"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/onnx/export"
)

func TestEveryOpInEveryOpset(t *testing.T) {
	for _, c := range cases {
		n := newNetwork()
		m := n.model(t, c.build(n))
		for opset := export.OldestOpset; opset <= export.NewestOpset; opset++ {
			t.Run(fmt.Sprintf("%s/%d", c.name, opset), func(t *testing.T) {
				file, err := export.ONNX(m, export.Options{Opset: opset})
				if err != nil {
					t.Fatal(err)
				}
				got := parse(t, file)
				if got.Opsets[0].Version != int64(opset) || len(got.Opsets) != 1 {
					t.Errorf("opsets %v", got.Opsets)
				}
			})
		}
	}
}

func TestEveryOpHasACase(t *testing.T) {
	var covered []graph.Op
	for _, c := range cases {
		n := newNetwork()
		covered = append(covered, ops(n.model(t, c.build(n)))...)
	}
	for _, op := range graph.Ops() {
		if !slices.Contains(covered, op) {
			t.Errorf("no case has %s", op)
		}
	}
}

package graph_test

import (
	"testing"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

// A graph whose weights are fed gives what it gave with the weights in it.
func TestUnbind(t *testing.T) {
	n := newNetwork(5)
	x := n.input(2, 3)
	w := n.Constant("weight", tensor.Must(tensor.Of(tensor.Shape{1, 3}, []float32{1, -2, 4})))
	n.Output("y", n.apply(graph.OpLinear, nil, x, w))
	g := n.build(t)
	free, err := graph.Unbind(g, "weight")
	if err != nil {
		t.Fatal(err)
	}
	id, ok := free.Find("weight")
	if !ok || free.Node(id).Op != graph.OpInput || !free.Node(id).Type.Equal(g.Node(w).Type) {
		t.Fatalf("the weight is %v", free.Node(id))
	}
	fed := map[graph.ID][]float64{0: n.fed[x], id: {1, -2, 4}}
	want, _ := g.Output("y")
	y, _ := free.Output("y")
	for i, got := range run(t, free, fed)[y].Data {
		if want := run(t, g, n.fed)[want].Data[i]; got != want {
			t.Errorf("element %d is %v, want %v", i, got, want)
		}
	}
	for _, name := range []string{"no such node", g.Node(x).Name} {
		_, err := graph.Unbind(g, name)
		checkMessage(t, err, "graph has no constant")
	}
}

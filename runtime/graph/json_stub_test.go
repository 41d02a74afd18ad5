package graph_test
import ("testing";"megl-edge/runtime/graph")
func checkRoundTrip(t *testing.T, g *graph.Graph){}

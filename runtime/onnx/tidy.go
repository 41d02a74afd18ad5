package onnx

import (
	"megl-edge/runtime/graph"
)

// tidy drops what no output needs.
func tidy(g *graph.Graph) (*graph.Graph, error) {
	return graph.Simplify(g)
}

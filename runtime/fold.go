package runtime

import "megl-edge/runtime/graph"

// Fold returns g as a plan computes it: batch normalisations and constant
// factors are part of the weights before them, and what depends on constants
// only is computed. A quantizer starts from that graph.
func Fold(g *graph.Graph) (*graph.Graph, error) { return lower(g, defaultMemoryLimit) }

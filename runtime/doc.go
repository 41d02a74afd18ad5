// Package runtime runs graphs. [Compile] turns a graph into a [Plan]: constants
// folded, neighbouring ops fused, a kernel prepared for every step with its
// weights packed for this processor, and a place in memory for every value. A
// plan does not change and can be shared. [Plan.NewSession] returns a [Session],
// which owns the memory and the threads of one computation at a time; its Run
// allocates nothing.
//
// Graphs flow in from package model or an importer; results flow out as tensors
// that share the session's memory. Below this package lie its parts: tensor,
// graph, model, vision and the importers.
package runtime

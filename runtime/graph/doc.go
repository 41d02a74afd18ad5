// Package graph is the one representation of a network: what inference,
// saliency and training all work on.
//
// A [Graph] is a list of nodes in topological order; every node applies one
// [Op] to earlier nodes and has one value, of a type that the op's shape rule
// gives. Nothing is executed here: package runtime compiles a graph and runs
// it. Graphs flow in from the importers and from the model file, and are
// extended with [Extend]; a gradient is such an extension ([Builder.Grad]),
// made of the same ops, and can be differentiated again.
//
// The table in table.go has one row for each op: its attributes, its shape
// rule, its gradient and its algebraic simplification. Quantized ops stand in
// the same table; their gradient is that of their decomposition into float
// ops, on dequantized values.
package graph

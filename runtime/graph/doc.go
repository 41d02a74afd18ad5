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
//
// A gradient can be asked for with respect to any node: an input, an activation
// in the middle, or a constant, which [Graph.Find] finds by its name. Weights
// that training changes are better inputs, which [Unbind] makes of constants:
//
//	g, err = graph.Unbind(g, names...)
//	b := graph.Extend(g)
//	loss := …
//	for i, gradient := range b.Grad(loss, weights...) { // found by name
//		b.Output(names[i]+"/gradient", gradient)
//	}
//
// The op set is closed under differentiation: a loss may contain gradients, as
// that of a saliency map does. Only what is constant almost everywhere, an index
// or a condition has none, and [Gradient] says so; asking for it is an error
// that names the node, and [OpStopGradient] is the way around. At a kink the
// derivative is one of the two sides': of a clamp at its bound 0, of a maximum
// that several elements share that of the first.
package graph

// Package eval64 evaluates a graph in float64 on plain slices: slowly, and so
// simply that it can be seen to be right. Tests hold gradients, rewrites and
// kernels against it.
//
// Every element is a float64, whatever its type: int8 and the other integers are
// the stored numbers, false is 0 and true is 1. Quantized ops are computed on
// real values and rounded once, at the end.
package eval64

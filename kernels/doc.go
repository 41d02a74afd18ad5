// Package kernels holds whole operators on slices: convolution, matrix product,
// pooling and the like, built from the microkernels of package asm.
//
// An operator is prepared once ([NewConvS8] packs weights and folds zero points
// into the bias), bound to its operands ([ConvS8.Bind]), and then run any number
// of times as a [Task] on a [Pool], without allocating. Work is split by tiles
// of the output, never inside a sum, so the number of threads changes no bit.
//
// Operands flow in from package runtime, which owns shapes, quantization and
// memory; nothing here knows a graph. Images are NHWC.
package kernels

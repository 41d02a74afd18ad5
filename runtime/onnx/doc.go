// Package onnx turns ONNX models into graphs.
//
// A file flows in; [Import] gives the graph of the whole network, with the
// file's own inputs and outputs, and [ImportImage] that of an image classifier
// with pixels as its input. Opsets 7 to 27 of the ai.onnx domain are read.
//
// The axes of a value may lie in another order in memory than ONNX says: a
// Transpose is remembered, not computed, and image layers store their channels
// last. Only where an operator needs a certain order is a value moved, which in
// a convolutional network is nowhere. Whatever depends on constants only is
// computed at import with the kernels of package runtime, weights that are
// stored as int8 excepted.
package onnx

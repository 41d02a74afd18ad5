// Package qdq turns float ops that stand between dequantize and quantize nodes
// into int8 ops, which is what models in the QDQ form of ONNX mean, and what our
// own quantizer inserts.
//
// A graph flows in whose activations pass through quantize and dequantize and
// whose weights are dequantized constants; [Fuse] returns one that computes on
// int8 wherever operands and result are quantized. [Report] and [Summarize] say
// what stayed float and why.
package qdq

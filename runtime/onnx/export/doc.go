// Package export writes a model as an ONNX file: in goes a [model.Model], out
// come the bytes of a file that any ONNX runtime loads, with standard operators
// only. Package onnx reads such a file back into the same network.
//
// Graphs here are NHWC, image operators of ONNX are NCHW. A value of the file
// therefore carries the order of its axes relative to the graph's value. Image
// operators ask for channels first, elementwise ones keep what comes, those that
// name axes map them, and what remains asks for the graph's own order. A
// Transpose is written only where no value in the order asked for is at hand.
//
// No arithmetic is folded: every scale and every constant is in the file as the
// graph holds it, in the order the graph applies them. Quantized ops are written
// as their float operator between DequantizeLinear and QuantizeLinear, a form
// that runtimes turn back into integer arithmetic.
//
// Two of our ops define what ONNX leaves open. An index of a gather is clamped
// into range; where the range is not known beforehand, Max and Min are written
// that do so. Casts of floats beyond the integer type and integer division by 0
// have no defined result in ONNX; there the runtime decides.
package export

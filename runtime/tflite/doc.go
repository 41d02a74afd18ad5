// Package tflite reads TensorFlow Lite files: a flatbuffer with one network, and
// often a ZIP archive behind it with the labels.
//
// Bytes flow in, a [Model] flows out: the graph from uint8 pixels to the class
// scores, and what the file says of its labels and its input. What is int8 in
// the file stays int8; uint8 becomes int8 by subtracting 128, which is exact.
//
// Files come from anywhere, so nothing in them is trusted: a damaged file gives
// one error, and memory grows with what the file holds, never with what it
// claims.
package tflite

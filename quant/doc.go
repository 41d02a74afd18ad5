// Package quant turns a float model into an int8 one, and says what that cost.
//
// A model and calibration photos flow in: the float graph runs on the photos,
// observers choose a scale for every activation, and quantize and dequantize
// nodes are put around the layers; package runtime/qdq makes int8 layers of
// them. The int8 model and a [Report] flow out, which compares both models layer
// by layer, in their answers and in their heat maps.
package quant

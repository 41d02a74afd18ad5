// Package tensor holds the values that every other room passes on: element
// types, shapes, quantization parameters and dense little-endian data.
//
// Nothing is computed here. Image values are NHWC: [batch, height, width,
// channels], the channels of one pixel side by side.
package tensor

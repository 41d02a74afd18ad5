// Package evaluate scores a model on labelled photos: its classes, its confidence
// and its heat maps.
//
// A model and a data set flow in; [Run] computes what the model says of every
// photo, and [Scores] with intervals flow out. A part that a photo lacks, a label
// or a mask, leaves the photo out of the scores that need it.
package evaluate

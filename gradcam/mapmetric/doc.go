// Package mapmetric scores saliency maps: against a binary mask of the object
// (energy inside, intersection over union, pointing game) and against another
// map (rank correlation).
//
// Maps and masks flow in, one number flows out; the caller averages over
// images. A map is scaled to the mask by render.Upsample, so that what is
// scored is what is shown. Counts and sums are integers, so every processor
// computes the same bits.
package mapmetric

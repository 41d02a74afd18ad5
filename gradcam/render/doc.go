// Package render turns a saliency map into a picture: the map is scaled to the
// part of the photo that the model saw, coloured, and blended over it.
//
// Maps and photos flow in as plain slices; an image.RGBA flows out, and the
// caller encodes it. Package mapmetric scales maps with the same [Upsample], so
// that what is scored is what is shown.
//
// A map becomes 16-bit levels first; from there on everything is integer
// arithmetic, so every processor draws the same bytes.
package render

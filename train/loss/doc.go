// Package loss builds what training makes small, as nodes of a graph: the
// prediction loss, the losses that compare a heat map with a person's mask, and
// the distribution consistency loss for photos that have none (MEGL, arXiv
// 2411.13053).
//
// A builder with logits and heat maps of a batch flows in; scalars flow out, of
// which the graph's own gradient is taken. Every photo brings the weight of each
// of its parts: 0 where a part is missing, so that a batch needs no other form
// for incomplete supervision. Weights carry the division by the number of photos
// too, and a sum over a batch is then a mean.
package loss

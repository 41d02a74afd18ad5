// Package confidence makes what a model believes of photos worth believing. A model,
// the photos that it learned from and others to validate with flow in; out come the
// temperature that makes probabilities of logits, and how a photo of none of the
// model's classes is known.
package confidence

// Package gradcam turns a classifier into one that explains itself: [Attach]
// extends its graph by the nodes that compute a heat map of where it looked.
//
// A graph with one output flows in, from an importer or from training; out
// flows the graph of a model that package runtime computes in one run: there is
// no second pass, and a device that only explains needs no gradients of its own.
// [Methods] lists the ways to draw the map; [Reattach] gives a finished model
// another one. [Explainer] does the whole way from a photo to its map. Below lie
// render, which paints maps on photos, and mapmetric, which measures them.
package gradcam

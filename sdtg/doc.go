// Package sdtg says in words what a heat map shows (saliency-driven textual
// grounding, MEGL). The values of the target layer, the heat map and the class that
// is explained go in; out come the tokens of a sentence.
//
// A decoder is a piece of graph like any other: package train appends it behind the
// classifier, so that the loss of its sentences reaches through the heat map into
// the classifier's weights.
package sdtg

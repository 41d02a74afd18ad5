// Package gate decides whether a model may take the place of another one. Two models and
// a golden set of photos flow in; out comes a report of checks, each with what was
// measured, what was allowed, and whether it passed.
//
// A candidate passes that is not worse than the current model by more than the limits: in
// its answers, in where its maps lie, in what it says, in time and in size. No class may be
// lost, and maps must come from what the network has learned.
package gate

// Package slot keeps generations of a model in a folder, of which one is current. A
// candidate flows in, is judged where it lies, and becomes current by the rename of one
// small file; what flows out is the path of the current model, whose bytes were checked.
//
// Whatever instant the program or the power ends at, the current model is the one before
// or the one after, whole: a generation is complete on disk before the state names it,
// and is deleted only after the state has forgotten it.
//
// The files of a store, all in its folder:
//
//	store.json       the state: which generation is current, which one is returned to
//	0003.megl        the model of generation 3
//	0003.json        its record: where it comes from, and why it was accepted
//	0003.megl.sig    its signature, if it has one
//	trial-3-…        a process that uses generation 3 on trial
//	candidate.megl   what is being judged
//	lock, promotion  held while the state, or a candidate, changes
//
// Generations are ordered by their numbers; times are noted for people only, so that a
// clock that jumps back changes nothing.
package slot

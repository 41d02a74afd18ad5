// Package optim changes weights by their gradients.
//
// Parameters flow in with the gradients of a step; an [Optimizer] changes their
// values in place. [Schedule] says how far a step goes, [Norm] measures gradients
// for clipping, and [Average] keeps a moving average of the weights.
//
// Every step is elementwise float32 arithmetic whose products are rounded before
// they are added, so that it gives the same bits on every processor and for any
// number of goroutines. All state is in tensors that a checkpoint can hold.
package optim

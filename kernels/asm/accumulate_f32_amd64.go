//go:build !purego

package asm

// The sum in place is an addition whose result is its first operand.
func accumulateF32(acc, src []float32) { addF32(acc, acc, src) }

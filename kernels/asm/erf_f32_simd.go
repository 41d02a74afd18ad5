//go:build (amd64 || arm64) && !purego

package asm

import "math"

// erfVectors holds the constants of ErfF32 in the order in which assembly uses
// them, each filling a vector.
//
//lint:ignore U1000 the assembly reads it
var erfVectors = func() (rows [25][8]float32) {
	magnitude := math.Float32frombits(1<<31 - 1)
	fillVectors(rows[:], []float32{magnitude, erfSplit, erfLimit, erfCentre}, erfNear[:], erfFar[:])
	return rows
}()

//go:noescape
func erfOfF32SIMD(y, x *float32, n int)

func erfOfF32(y, x []float32) {
	switch {
	case level > Ref:
		erfOfF32SIMD(&y[0], &x[0], len(x))
	default:
		erfOfF32Ref(y, x)
	}
}

//go:build (amd64 || arm64) && !purego

package asm

import "math"

// tanhVectors holds the constants of TanhF32 in the order in which assembly uses
// them, each filling a vector.
//
//lint:ignore U1000 the assembly reads it
var tanhVectors = func() (rows [8][8]float32) {
	magnitude := math.Float32frombits(1<<31 - 1)
	fillVectors(rows[:], []float32{magnitude, tanhSplit, 2}, tanhNear[:])
	return rows
}()

//go:noescape
func tanhOfF32SIMD(y, x *float32, n int)

func tanhOfF32(y, x []float32) {
	switch {
	case level > Ref:
		tanhOfF32SIMD(&y[0], &x[0], len(x))
	default:
		tanhOfF32Ref(y, x)
	}
}

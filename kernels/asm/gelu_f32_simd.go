//go:build (amd64 || arm64) && !purego

package asm

// geluVectors holds the constants of GeluF32 in the order in which assembly uses
// them, each filling a vector.
//
//lint:ignore U1000 the assembly reads it
var geluVectors = func() (rows [3][8]float32) {
	fillVectors(rows[:], []float32{geluScale, 0.5, 1})
	return rows
}()

//go:noescape
func geluOfF32SIMD(y, x *float32, n int)

func geluOfF32(y, x []float32) {
	switch {
	case level > Ref:
		geluOfF32SIMD(&y[0], &x[0], len(x))
	default:
		geluOfF32Ref(y, x)
	}
}

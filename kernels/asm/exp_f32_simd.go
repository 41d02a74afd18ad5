//go:build (amd64 || arm64) && !purego

package asm

// expVectors holds the constants of ExpF32 in the order in which assembly uses
// them, each filling a vector.
//
//lint:ignore U1000 the assembly reads it
var expVectors = func() (rows [12][8]float32) {
	fillVectors(rows[:],
		[]float32{expLowest, expHighest, expLog2E, -expLn2High, -expLn2Low}, expCoefficients[:], []float32{1})
	return rows
}()

//go:noescape
func expOfF32SIMD(y, x *float32, n int)

func expOfF32(y, x []float32) {
	switch {
	case level > Ref:
		expOfF32SIMD(&y[0], &x[0], len(x))
	default:
		expOfF32Ref(y, x)
	}
}

//go:build (amd64 || arm64) && !purego

package asm

import "math"

// logVectors holds the constants of LogF32 in the order in which assembly uses
// them, each filling a vector.
//
//lint:ignore U1000 the assembly reads it
var logVectors = func() (rows [18][8]float32) {
	infinity := float32(math.Inf(1))
	fillVectors(rows[:], []float32{
		logLowest, logScale, -23, math.Float32frombits(logMantissa), 1, logLn2,
		infinity, -infinity, math.Float32frombits(canonicalNaN32),
	}, logCoefficients[:])
	return rows
}()

//go:noescape
func logOfF32SIMD(y, x *float32, n int)

func logOfF32(y, x []float32) {
	switch {
	case level > Ref:
		logOfF32SIMD(&y[0], &x[0], len(x))
	default:
		logOfF32Ref(y, x)
	}
}

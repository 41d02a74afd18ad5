//go:build !purego

package asm

// expVectors holds the constants of ExpF32 in the order in which assembly uses
// them, each filling a vector.
//
//lint:ignore U1000 the assembly reads it
var expVectors = func() (rows [12][8]float32) {
	constants := [len(rows)]float32{expLowest, expHighest, expLog2E, -expLn2High, -expLn2Low}
	copy(constants[5:], expCoefficients[:])
	constants[11] = 1
	for i, v := range constants {
		for j := range rows[i] {
			rows[i][j] = v
		}
	}
	return rows
}()

// tailMasks holds, from element 16−r on, the mask of the first r of 16 elements.
//
//lint:ignore U1000 the assembly reads it
var tailMasks = [2 * sumLanes]int32{-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1}

//go:noescape
func softmaxF32AVX2(dst, src *float32, n int)

func softmaxF32(dst, src []float32) {
	switch level {
	case AVX2:
		softmaxF32AVX2(&dst[0], &src[0], len(src))
	default:
		softmaxF32Ref(dst, src)
	}
}

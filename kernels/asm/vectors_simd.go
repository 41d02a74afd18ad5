//go:build (amd64 || arm64) && !purego

package asm

// The tables that assembly reads.

// tailMasks holds, from element 16−r on, the mask of the first r of 16 elements.
//
//lint:ignore U1000 the assembly reads it
var tailMasks = [2 * sumLanes]int32{-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1}

// fillVectors sets every element of row i to the i-th of the constants, which lie
// in any number of lists.
func fillVectors(rows [][8]float32, lists ...[]float32) {
	for _, list := range lists {
		for i, v := range list {
			for j := range rows[i] {
				rows[i][j] = v
			}
		}
		rows = rows[len(list):]
	}
}

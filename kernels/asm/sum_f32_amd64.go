//go:build !purego

package asm

// n is a multiple of 16 and at least 16.
//
//go:noescape
func sumF32AVX2(lanes *[sumLanes]float32, src *float32, n int)

func sumF32(src []float32) float32 {
	if level < AVX2 || len(src) < sumLanes {
		return sumF32Ref(src)
	}
	var lanes [sumLanes]float32
	n := len(src) &^ (sumLanes - 1)
	sumF32AVX2(&lanes, &src[0], n)
	for i, v := range src[n:] {
		lanes[i] += v
	}
	return sumTree(&lanes)
}

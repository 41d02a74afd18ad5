//go:build (amd64 || arm64) && !purego

package asm

// n is a multiple of 16 and at least 16.
//
//go:noescape
func sumF32SIMD(lanes *[sumLanes]float32, src *float32, n int)

func sumF32(src []float32) float32 {
	if level == Ref || len(src) < sumLanes {
		return sumF32Ref(src)
	}
	var lanes [sumLanes]float32
	n := len(src) &^ (sumLanes - 1)
	sumF32SIMD(&lanes, &src[0], n)
	for i, v := range src[n:] {
		lanes[i] += v
	}
	return sumTree(&lanes)
}

package asm

import "math"

// SoftmaxF32 computes one row: dst[i] = exp(src[i] − max) / Σ exp(src[j] − max),
// with [ExpF32], the sum in 16 lanes, and one division for each element. dst is
// as long as src and may be src. src holds no NaN and at least one value that is
// not −Inf.
func SoftmaxF32(dst, src []float32) {
	if len(src) == 0 {
		return
	}
	softmaxF32(dst[:len(src)], src)
}

func softmaxF32Ref(dst, src []float32) {
	largest := float32(math.Inf(-1))
	for _, v := range src {
		if v > largest {
			largest = v
		}
	}
	var lanes [sumLanes]float32
	for i, v := range src {
		e := ExpF32(v - largest)
		dst[i] = e
		lanes[i%sumLanes] += e
	}
	sum := sumTree(&lanes)
	for i := range dst {
		dst[i] /= sum
	}
}

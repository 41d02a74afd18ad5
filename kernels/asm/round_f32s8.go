package asm

import "math"

// RoundF32S8 is `for i, v := range src { dst[i] = int8(round((v·unit)·factor)) }`:
// both products are rounded, then the result, half to even. It must lie within
// the range of int8; dst is at least as long as src.
func RoundF32S8(dst []int8, src []float32, unit, factor float32) {
	if len(src) == 0 {
		return
	}
	roundF32S8(dst[:len(src)], src, unit, factor)
}

func roundF32S8Ref(dst []int8, src []float32, unit, factor float32) {
	for i, v := range src {
		dst[i] = roundS8(float32(v*unit) * factor)
	}
}

// RoundColumnsF32S8 is the same with a factor for each element:
// dst[i] = int8(round(src[i]·factor[i])).
func RoundColumnsF32S8(dst []int8, src, factor []float32) {
	if len(src) == 0 {
		return
	}
	roundColumnsF32S8(dst[:len(src)], src, factor[:len(src)])
}

func roundColumnsF32S8Ref(dst []int8, src, factor []float32) {
	for i, v := range src {
		dst[i] = roundS8(v * factor[i])
	}
}

// roundS8 adds 1.5·2²³: beside it a float32 has no fraction, so that the sum is
// rounded half to even, and its low bits are the integer.
func roundS8(v float32) int8 { return int8(math.Float32bits(float32(v) + 3<<22)) }

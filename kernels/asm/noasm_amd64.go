//go:build !purego

package asm

// The stems that have no AVX2 assembly yet run their references on amd64.

func addF32(dst, a, b []float32) {
	addF32Ref(dst, a, b)
}

func clampF32(x []float32, lo, hi float32) {
	clampF32Ref(x, lo, hi)
}

func accumulateS8(acc []int32, src []int8) {
	accumulateS8Ref(acc, src)
}

func accumulateF32(acc, src []float32) {
	accumulateF32Ref(acc, src)
}

func maxS8(dst, src []int8) {
	maxS8Ref(dst, src)
}

func maxF32(dst, src []float32) {
	maxF32Ref(dst, src)
}

func softmaxF32(dst, src []float32) {
	softmaxF32Ref(dst, src)
}

func sumS16(src []int16) int32 {
	return sumS16Ref(src)
}

func sumF32(src []float32) float32 {
	return sumF32Ref(src)
}

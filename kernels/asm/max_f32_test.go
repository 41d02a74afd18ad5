package asm_test

import (
	"fmt"
	"testing"

	"megl-edge/kernels/asm"
	"megl-edge/kernels/internal/kerneltest"
)

func TestMaxF32(t *testing.T) {
	source := kerneltest.Source(111)
	for _, n := range lengths() {
		dst, src := nonFinite(&source, n+n%3), nonFinite(&source, n)
		kerneltest.Check(t, fmt.Sprintf("n=%d", n), func(p *kerneltest.Place) []float32 {
			got := kerneltest.Out(p, dst)
			asm.MaxF32(got, kerneltest.In(p, src))
			return got
		})
	}
}

// Of two zeros, and of a NaN and a number, the first stays.
func TestMaxF32KeepsTheFirst(t *testing.T) {
	dst := []float32{0, negativeZero, nan, 1, 0, negativeZero, nan, 1}
	src := []float32{negativeZero, 0, 1, nan, negativeZero, 0, 1, nan}
	for _, level := range asm.Levels() {
		restore := asm.Force(level)
		got := append([]float32(nil), dst...)
		asm.MaxF32(got, src)
		restore()
		for i := range got {
			if !kerneltest.Same(got[i], dst[i]) {
				t.Fatalf("level %v: the maximum of %v and %v is %v", level, dst[i], src[i], got[i])
			}
		}
	}
}

func BenchmarkMaxF32(b *testing.B) {
	const n = 1280
	source := kerneltest.Source(112)
	dst, src := source.Float32s(n), source.Float32s(n)
	kerneltest.Bench(b, fmt.Sprintf("n=%d", n), n, func() { asm.MaxF32(dst, src) })
}

package asm_test

import (
	"fmt"
	"testing"

	"megl-edge/kernels/asm"
	"megl-edge/kernels/internal/kerneltest"
)

func checkSumS16(t *testing.T, label string, src []int16) {
	t.Helper()
	kerneltest.Check(t, label, func(p *kerneltest.Place) []int32 {
		return []int32{asm.SumS16(kerneltest.In(p, src))}
	})
}

func TestSumS16(t *testing.T) {
	source := kerneltest.Source(131)
	for _, n := range lengths() {
		src := make([]int16, n)
		for i := range src {
			src[i] = int16(source.Next())
		}
		checkSumS16(t, fmt.Sprintf("n=%d", n), src)
	}
}

func TestSumS16Extremes(t *testing.T) {
	for _, v := range []int16{-1 << 15, 1<<15 - 1} {
		src := make([]int16, 1<<16+70) // −2¹⁵ · 2¹⁶ is −2³¹: the rest wraps
		for i := range src {
			src[i] = v
		}
		checkSumS16(t, fmt.Sprintf("v=%d", v), src)
	}
}

func BenchmarkSumS16(b *testing.B) {
	const n = 576
	source := kerneltest.Source(132)
	src := source.WidenedInt8s(n)
	var sum int32
	kerneltest.Bench(b, fmt.Sprintf("n=%d", n), n, func() { sum += asm.SumS16(src) })
}

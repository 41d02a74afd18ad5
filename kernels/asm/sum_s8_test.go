package asm_test

import (
	"fmt"
	"testing"

	"megl-edge/kernels/asm"
	"megl-edge/kernels/internal/kerneltest"
)

func checkSumS8(t *testing.T, label string, src []int8) {
	t.Helper()
	kerneltest.Check(t, label, func(p *kerneltest.Place) []int32 {
		return []int32{asm.SumS8(kerneltest.In(p, src))}
	})
}

func TestSumS8(t *testing.T) {
	source := kerneltest.Source(131)
	for _, n := range lengths() {
		src := make([]int8, n)
		for i := range src {
			src[i] = int8(source.Next())
		}
		checkSumS8(t, fmt.Sprintf("n=%d", n), src)
	}
}

func TestSumS8Extremes(t *testing.T) {
	for _, v := range []int8{-128, 127} {
		src := make([]int8, 1<<16+70)
		for i := range src {
			src[i] = v
		}
		checkSumS8(t, fmt.Sprintf("v=%d", v), src)
	}
}

func BenchmarkSumS8(b *testing.B) {
	const n = 576
	source := kerneltest.Source(132)
	src := source.Int8s(n)
	var sum int32
	kerneltest.Bench(b, fmt.Sprintf("n=%d", n), n, func() { sum += asm.SumS8(src) })
}

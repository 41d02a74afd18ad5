package asm_test

import (
	"fmt"
	"testing"

	"megl-edge/kernels/asm"
	"megl-edge/kernels/internal/kerneltest"
)

func TestAddF32(t *testing.T) {
	source := kerneltest.Source(81)
	for _, n := range lengths() {
		a, b := nonFinite(&source, n), nonFinite(&source, n)
		kerneltest.Check(t, fmt.Sprintf("n=%d", n), func(p *kerneltest.Place) []float32 {
			got := kerneltest.Out(p, make([]float32, n))
			asm.AddF32(got, kerneltest.In(p, a), kerneltest.In(p, b))
			return got
		})
		kerneltest.Check(t, fmt.Sprintf("n=%d dst=a", n), func(p *kerneltest.Place) []float32 {
			got := kerneltest.Out(p, a)
			asm.AddF32(got, got, kerneltest.In(p, b))
			return got
		})
		kerneltest.Check(t, fmt.Sprintf("n=%d dst=b", n), func(p *kerneltest.Place) []float32 {
			got := kerneltest.Out(p, b)
			asm.AddF32(got, kerneltest.In(p, a), got)
			return got
		})
	}
}

func BenchmarkAddF32(b *testing.B) {
	const n = 14 * 96
	source := kerneltest.Source(82)
	x, y, dst := source.Float32s(n), source.Float32s(n), make([]float32, n)
	kerneltest.Bench(b, fmt.Sprintf("n=%d", n), n, func() { asm.AddF32(dst, x, y) })
}

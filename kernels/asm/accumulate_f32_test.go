package asm_test

import (
	"fmt"
	"testing"

	"megl-edge/kernels/asm"
	"megl-edge/kernels/internal/kerneltest"
)

func TestAccumulateF32(t *testing.T) {
	source := kerneltest.Source(91)
	for _, n := range lengths() {
		acc, src := nonFinite(&source, n+n%3), nonFinite(&source, n)
		kerneltest.Check(t, fmt.Sprintf("n=%d", n), func(p *kerneltest.Place) []float32 {
			got := kerneltest.Out(p, acc)
			asm.AccumulateF32(got, kerneltest.In(p, src))
			return got
		})
	}
}

func BenchmarkAccumulateF32(b *testing.B) {
	const n = 1280
	source := kerneltest.Source(92)
	acc, src := source.Float32s(n), make([]float32, n)
	kerneltest.Bench(b, fmt.Sprintf("n=%d", n), n, func() { asm.AccumulateF32(acc, src) })
}

package asm_test

import (
	"fmt"
	"testing"

	"megl-edge/kernels/asm"
	"megl-edge/kernels/internal/kerneltest"
)

func TestAccumulateProductsF32(t *testing.T) {
	source := kerneltest.Source(261)
	for _, n := range []int{0, 1, 7, 8, 9, 24, 31, 32, 33, 40, 64, 75} {
		for _, rows := range []int{0, 1, 2, 5} {
			for _, repeat := range []bool{false, true} {
				lda, ldb := n+rows, n+3
				if repeat {
					lda = 0
				}
				acc := source.HardFloat32s(n)
				a, b := source.HardFloat32s(max(0, rows-1)*lda+n), source.HardFloat32s(max(0, rows-1)*ldb+n)
				kerneltest.Check(t, fmt.Sprintf("n=%d rows=%d lda=%d", n, rows, lda), func(p *kerneltest.Place) []float32 {
					got := kerneltest.Out(p, acc)
					asm.AccumulateProductsF32(got, kerneltest.In(p, a), lda, kerneltest.In(p, b), ldb, rows)
					return got
				})
			}
		}
	}
}

func BenchmarkAccumulateProductsF32(b *testing.B) {
	source := kerneltest.Source(262)
	for _, n := range []int{96, 24} {
		acc, x, y := make([]float32, n), source.Float32s(28*n), source.Float32s(28*n)
		kerneltest.Bench(b, fmt.Sprintf("rows=28/columns=%d", n), 2*28*n, func() {
			asm.AccumulateProductsF32(acc, x, n, y, n, 28)
		})
	}
}

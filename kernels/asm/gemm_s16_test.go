package asm_test

import (
	"fmt"
	"testing"

	"megl-edge/kernels/asm"
	"megl-edge/kernels/internal/kerneltest"
)

// int16s returns n values of up to the given magnitude.
func int16s(source *kerneltest.Source, n, magnitude int) []int16 {
	values := make([]int16, n)
	for i := range values {
		values[i] = int16(source.Intn(2*magnitude+1) - magnitude)
	}
	return values
}

func TestGemmS16(t *testing.T) {
	source := kerneltest.Source(281)
	for m := 1; m <= asm.GemmS8Rows; m++ {
		for _, k := range []int{2, 4, 6, 10, 16, 34, 130} {
			lda, ldc := k+m%3, asm.GemmS8Cols+m%2*5
			a, b := int16s(&source, (m-1)*lda+k, 512), int16s(&source, k*asm.GemmS8Cols, 1152)
			kerneltest.Check(t, fmt.Sprintf("m=%d k=%d", m, k), func(p *kerneltest.Place) []int32 {
				got := kerneltest.Out(p, make([]int32, (m-1)*ldc+asm.GemmS8Cols))
				asm.GemmS16(got, ldc, kerneltest.In(p, a), lda, kerneltest.In(p, b), m, k)
				return got
			})
		}
	}
}

func BenchmarkGemmS16(b *testing.B) {
	const m, k = asm.GemmS8Rows, 128
	source := kerneltest.Source(282)
	rows, panel := int16s(&source, m*k, 512), int16s(&source, k*asm.GemmS8Cols, 1152)
	c := make([]int32, m*asm.GemmS8Cols)
	kerneltest.Bench(b, fmt.Sprintf("m=%d/k=%d", m, k), 2*m*k*asm.GemmS8Cols, func() {
		asm.GemmS16(c, asm.GemmS8Cols, rows, k, panel, m, k)
	})
}

package asm_test

import (
	"fmt"
	"testing"

	"megl-edge/kernels/asm"
	"megl-edge/kernels/internal/kerneltest"
)

func TestGemmF32(t *testing.T) {
	source := kerneltest.Source(11)
	for m := 1; m <= asm.GemmF32Rows; m++ {
		for _, k := range []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 33, 63, 129, 577} {
			lda, ldc := k+m%3, asm.GemmF32Cols+m%2*5
			a := source.HardFloat32s((m-1)*lda + k)
			b := source.HardFloat32s(k * asm.GemmF32Cols)
			c := source.HardFloat32s((m-1)*ldc + asm.GemmF32Cols)
			kerneltest.Check(t, fmt.Sprintf("m=%d k=%d", m, k), func(p *kerneltest.Place) []float32 {
				got := kerneltest.Out(p, c)
				asm.GemmF32(got, ldc, kerneltest.In(p, a), lda, kerneltest.In(p, b), m, k)
				return got
			})
			bias := source.HardFloat32s(asm.GemmF32Cols)
			kerneltest.Check(t, fmt.Sprintf("m=%d k=%d, bias", m, k), func(p *kerneltest.Place) []float32 {
				got := kerneltest.Out(p, c)
				from := (*[asm.GemmF32Cols]float32)(kerneltest.In(p, bias))
				asm.GemmBiasF32(got, ldc, from, kerneltest.In(p, a), lda, kerneltest.In(p, b), m, k)
				return got
			})
		}
	}
}

// In every column the only product and the bias are the operands that show a
// fused multiply-add that was rounded twice.
func TestGemmF32RoundsOnce(t *testing.T) {
	const x, y = 1 + 0x1p-23, (1 - 0x1p-23) * 0x1p-24
	b := make([]float32, asm.GemmF32Cols)
	c := make([]float32, asm.GemmF32Cols)
	for i := range b {
		b[i], c[i] = y, x
	}
	kerneltest.Check(t, "double rounding", func(p *kerneltest.Place) []float32 {
		got := kerneltest.Out(p, c)
		asm.GemmF32(got, asm.GemmF32Cols, kerneltest.In(p, []float32{x}), 1, kerneltest.In(p, b), 1, 1)
		for j, v := range got {
			if v != 1+0x1p-23 {
				t.Fatalf("column %d is %v, want 1+2⁻²³", j, v)
			}
		}
		return got
	})
}

// A sum over k in two blocks continues the first: splitting changes no bit.
func TestGemmF32ContinuesASum(t *testing.T) {
	const m, k, first = asm.GemmF32Rows, 71, 28
	source := kerneltest.Source(12)
	a, b := source.Float32s(m*k), source.Float32s(k*asm.GemmF32Cols)
	c := source.Float32s(m * asm.GemmF32Cols)
	for _, level := range asm.Levels() {
		restore := asm.Force(level)
		whole, parts := append([]float32(nil), c...), append([]float32(nil), c...)
		asm.GemmF32(whole, asm.GemmF32Cols, a, k, b, m, k)
		asm.GemmF32(parts, asm.GemmF32Cols, a, k, b, m, first)
		asm.GemmF32(parts, asm.GemmF32Cols, a[first:], k, b[first*asm.GemmF32Cols:], m, k-first)
		restore()
		for i := range whole {
			if !kerneltest.Same(whole[i], parts[i]) {
				t.Fatalf("level %v: element %d is %v in one block, %v in two", level, i, whole[i], parts[i])
			}
		}
	}
}

func BenchmarkGemmF32(b *testing.B) {
	const m, k = asm.GemmF32Rows, 256
	source := kerneltest.Source(13)
	rows, panel := source.Float32s(m*k), source.Float32s(k*asm.GemmF32Cols)
	c := make([]float32, m*asm.GemmF32Cols)
	kerneltest.Bench(b, fmt.Sprintf("m=%d/k=%d", m, k), 2*m*k*asm.GemmF32Cols, func() {
		asm.GemmF32(c, asm.GemmF32Cols, rows, k, panel, m, k)
	})
}

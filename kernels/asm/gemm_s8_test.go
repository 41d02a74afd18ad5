package asm_test

import (
	"fmt"
	"testing"

	"megl-edge/kernels/asm"
	"megl-edge/kernels/internal/kerneltest"
)

func TestGemmS8(t *testing.T) {
	source := kerneltest.Source(1)
	for m := 1; m <= asm.GemmS8Rows; m++ {
		for _, k := range []int{2, 4, 6, 8, 10, 14, 16, 34, 62, 130, 1154} {
			lda, ldc := k+m%3, asm.GemmS8Cols+m%2*5
			a := source.WidenedInt8s((m-1)*lda + k)
			b := source.Int8s(k * asm.GemmS8Cols)
			c := source.Int32s((m-1)*ldc+asm.GemmS8Cols, 32)
			kerneltest.Check(t, fmt.Sprintf("m=%d k=%d", m, k), func(p *kerneltest.Place) []int32 {
				got := kerneltest.Out(p, c)
				asm.GemmS8(got, ldc, kerneltest.In(p, a), lda, kerneltest.In(p, b), m, k)
				return got
			})
		}
	}
}

// The largest products of both signs: a kernel that saturates in 16 bits, or
// adds two products there, shows it here.
func TestGemmS8Extremes(t *testing.T) {
	const k = 2 * 512
	for _, a := range []int16{-128, 127, -255, 255} {
		for _, b := range []int8{-128, 127} {
			rows := make([]int16, k)
			panel := make([]int8, k*asm.GemmS8Cols)
			for i := range rows {
				rows[i] = a
			}
			for i := range panel {
				panel[i] = b
			}
			kerneltest.Check(t, fmt.Sprintf("a=%d b=%d", a, b), func(p *kerneltest.Place) []int32 {
				c := kerneltest.Out(p, make([]int32, asm.GemmS8Cols))
				asm.GemmS8(c, asm.GemmS8Cols, kerneltest.In(p, rows), k, kerneltest.In(p, panel), 1, k)
				if want := int32(a) * int32(b) * k; c[0] != want {
					t.Fatalf("a=%d b=%d: got %d, want %d", a, b, c[0], want)
				}
				return c
			})
		}
	}
}

func BenchmarkGemmS8(b *testing.B) {
	const m, k = asm.GemmS8Rows, 512
	source := kerneltest.Source(2)
	rows, panel := source.WidenedInt8s(m*k), source.Int8s(k*asm.GemmS8Cols)
	c := make([]int32, m*asm.GemmS8Cols)
	kerneltest.Bench(b, fmt.Sprintf("m=%d/k=%d", m, k), 2*m*k*asm.GemmS8Cols, func() {
		asm.GemmS8(c, asm.GemmS8Cols, rows, k, panel, m, k)
	})
}

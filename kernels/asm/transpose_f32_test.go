package asm_test

import (
	"fmt"
	"testing"

	"megl-edge/kernels/asm"
	"megl-edge/kernels/internal/kerneltest"
)

func TestTransposeF32(t *testing.T) {
	source := kerneltest.Source(251)
	for _, rows := range []int{0, 1, 6, 7, 8, 9, 16, 19} {
		for _, cols := range []int{0, 1, 7, 8, 9, 16, 17, 24, 41} {
			lds, ldd := cols+rows%3, rows+cols%4
			src := source.HardFloat32s(max(0, rows-1)*lds + cols)
			dst := source.Float32s(max(0, cols-1)*ldd + rows)
			kerneltest.Check(t, fmt.Sprintf("rows=%d cols=%d", rows, cols), func(p *kerneltest.Place) []float32 {
				got := kerneltest.Out(p, dst)
				asm.TransposeF32(got, ldd, kerneltest.In(p, src), lds, rows, cols)
				for i := range rows {
					for j := range cols {
						if !kerneltest.Same(got[j*ldd+i], src[i*lds+j]) {
							t.Fatalf("rows=%d cols=%d: row %d, column %d is wrong", rows, cols, i, j)
						}
					}
				}
				return got
			})
		}
	}
}

func BenchmarkTransposeF32(b *testing.B) {
	source := kerneltest.Source(252)
	for _, s := range [][2]int{{16, 576}, {128, 24}} {
		src, dst := source.Float32s(s[0]*s[1]), make([]float32, s[0]*s[1])
		kerneltest.Bench(b, fmt.Sprintf("rows=%d/cols=%d", s[0], s[1]), s[0]*s[1], func() {
			asm.TransposeF32(dst, s[0], src, s[1], s[0], s[1])
		})
	}
}

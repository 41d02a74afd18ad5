package asm_test

import (
	"fmt"
	"testing"

	"megl-edge/kernels/asm"
	"megl-edge/kernels/internal/kerneltest"
)

func TestInterleaveS8(t *testing.T) {
	source := kerneltest.Source(241)
	for _, step := range []int{2, 4, 8} {
		for panels := range 7 {
			strideSrc, strideDst := panels*asm.GemmS8Cols+panels%3, asm.GemmS8Cols*step+5*(panels%2)
			src := source.Int8s((step-1)*strideSrc + panels*asm.GemmS8Cols)
			dst := source.Int8s(max(0, panels-1)*strideDst + asm.GemmS8Cols*step)
			kerneltest.Check(t, fmt.Sprintf("step=%d panels=%d", step, panels), func(p *kerneltest.Place) []int8 {
				got := kerneltest.Out(p, dst)
				asm.InterleaveS8(got, strideDst, kerneltest.In(p, src), strideSrc, panels, step)
				return got
			})
		}
	}
}

// Column 17 of the rows is column 1 of the second panel.
func TestInterleaveS8Places(t *testing.T) {
	src, dst := make([]int8, 4*32), make([]int8, 2*64)
	for p := range 4 {
		src[p*32+17] = int8(p + 1)
	}
	asm.InterleaveS8(dst, 64, src, 32, 2, 4)
	for p := range 4 {
		if got := dst[64+4+p]; got != int8(p+1) {
			t.Errorf("row %d: got %d", p, got)
		}
	}
}

func BenchmarkInterleaveS8(b *testing.B) {
	source := kerneltest.Source(242)
	src, dst := source.Int8s(4*64), make([]int8, 4*64)
	kerneltest.Bench(b, "step=4/columns=64", 4*64, func() { asm.InterleaveS8(dst, 64, src, 64, 4, 4) })
}

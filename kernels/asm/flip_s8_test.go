package asm_test

import (
	"fmt"
	"testing"

	"megl-edge/kernels/asm"
	"megl-edge/kernels/internal/kerneltest"
)

func TestFlipS8(t *testing.T) {
	source := kerneltest.Source(41)
	for _, n := range lengths() {
		src := source.Int8s(n)
		kerneltest.Check(t, fmt.Sprintf("n=%d", n), func(p *kerneltest.Place) []uint8 {
			got := kerneltest.Out(p, make([]uint8, n))
			asm.FlipS8(got, kerneltest.In(p, src))
			return got
		})
	}
}

func BenchmarkFlipS8(b *testing.B) {
	source := kerneltest.Source(42)
	for _, n := range []int{64, 1152} {
		src, dst := source.Int8s(n), make([]uint8, n)
		kerneltest.Bench(b, fmt.Sprintf("n=%d", n), n, func() { asm.FlipS8(dst, src) })
	}
}

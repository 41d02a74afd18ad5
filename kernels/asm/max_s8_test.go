package asm_test

import (
	"fmt"
	"testing"

	"megl-edge/kernels/asm"
	"megl-edge/kernels/internal/kerneltest"
)

func TestMaxS8(t *testing.T) {
	source := kerneltest.Source(121)
	for _, n := range lengths() {
		dst, src := source.Int8s(n+n%3), source.Int8s(n)
		kerneltest.Check(t, fmt.Sprintf("n=%d", n), func(p *kerneltest.Place) []int8 {
			got := kerneltest.Out(p, dst)
			asm.MaxS8(got, kerneltest.In(p, src))
			return got
		})
	}
}

func BenchmarkMaxS8(b *testing.B) {
	const n = 1280
	source := kerneltest.Source(122)
	dst, src := source.Int8s(n), source.Int8s(n)
	kerneltest.Bench(b, fmt.Sprintf("n=%d", n), n, func() { asm.MaxS8(dst, src) })
}

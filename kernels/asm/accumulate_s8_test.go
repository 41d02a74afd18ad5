package asm_test

import (
	"fmt"
	"testing"

	"megl-edge/kernels/asm"
	"megl-edge/kernels/internal/kerneltest"
)

func TestAccumulateS8(t *testing.T) {
	source := kerneltest.Source(101)
	for _, n := range lengths() {
		acc, src := source.Int32s(n+n%3, 32), source.Int8s(n)
		kerneltest.Check(t, fmt.Sprintf("n=%d", n), func(p *kerneltest.Place) []int32 {
			got := kerneltest.Out(p, acc)
			asm.AccumulateS8(got, kerneltest.In(p, src))
			return got
		})
	}
}

func BenchmarkAccumulateS8(b *testing.B) {
	const n = 1280
	source := kerneltest.Source(102)
	acc, src := make([]int32, n), source.Int8s(n)
	kerneltest.Bench(b, fmt.Sprintf("n=%d", n), n, func() { asm.AccumulateS8(acc, src) })
}

package asm_test

import (
	"fmt"
	"testing"

	"megl-edge/kernels/asm"
	"megl-edge/kernels/internal/kerneltest"
)

// lengths are those of the tests of element-wise kernels: every tail of up to
// four vectors, and a few long ones.
func lengths() []int {
	list := []int{191, 211, 420, 1021}
	for n := range 132 {
		list = append(list, n)
	}
	return list
}

func TestWidenS8S16(t *testing.T) {
	source := kerneltest.Source(31)
	for _, n := range lengths() {
		src := source.Int8s(n)
		kerneltest.Check(t, fmt.Sprintf("n=%d", n), func(p *kerneltest.Place) []int16 {
			got := kerneltest.Out(p, make([]int16, n))
			asm.WidenS8S16(got, kerneltest.In(p, src))
			return got
		})
	}
}

func BenchmarkWidenS8S16(b *testing.B) {
	source := kerneltest.Source(32)
	for _, n := range []int{9, 96, 1152} {
		src, dst := source.Int8s(n), make([]int16, n)
		kerneltest.Bench(b, fmt.Sprintf("n=%d", n), n, func() { asm.WidenS8S16(dst, src) })
	}
}

package asm_test

import (
	"fmt"
	"testing"

	"megl-edge/kernels/asm"
	"megl-edge/kernels/internal/kerneltest"
)

func TestSquaresF32(t *testing.T) {
	source := kerneltest.Source(231)
	for _, n := range lengths() {
		for name, src := range map[string][]float32{"ordinary": source.Float32s(n), "hard": source.HardFloat32s(n)} {
			kerneltest.Check(t, fmt.Sprintf("n=%d %s", n, name), func(p *kerneltest.Place) []float32 {
				return []float32{asm.SquaresF32(kerneltest.In(p, src), 0.3)}
			})
		}
	}
}

func TestNormalizeF32(t *testing.T) {
	source := kerneltest.Source(232)
	for _, n := range lengths() {
		src, scale, offset := source.HardFloat32s(n), source.Float32s(n), source.HardFloat32s(n)
		kerneltest.Check(t, fmt.Sprintf("n=%d", n), func(p *kerneltest.Place) []float32 {
			got := kerneltest.Out(p, make([]float32, n))
			asm.NormalizeF32(got, kerneltest.In(p, src), kerneltest.In(p, scale), kerneltest.In(p, offset), 0.3, 1.7)
			return got
		})
		kerneltest.Check(t, fmt.Sprintf("n=%d in place", n), func(p *kerneltest.Place) []float32 {
			got := kerneltest.Out(p, src)
			asm.NormalizeF32(got, got, kerneltest.In(p, scale), kerneltest.In(p, offset), -2, 0.01)
			return got
		})
	}
}

func BenchmarkNormalizeF32(b *testing.B) {
	const n = 192
	source := kerneltest.Source(233)
	src, scale, offset, dst := source.Float32s(n), source.Float32s(n), source.Float32s(n), make([]float32, n)
	var sum float32
	kerneltest.Bench(b, fmt.Sprintf("squares/n=%d", n), n, func() { sum += asm.SquaresF32(src, 0.1) })
	kerneltest.Bench(b, fmt.Sprintf("normalize/n=%d", n), n, func() { asm.NormalizeF32(dst, src, scale, offset, 0.1, 2) })
}

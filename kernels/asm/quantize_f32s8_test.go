package asm_test

import (
	"fmt"
	"testing"

	"megl-edge/kernels/asm"
	"megl-edge/kernels/internal/kerneltest"
)

func TestQuantizeF32S8(t *testing.T) {
	source := kerneltest.Source(261)
	for i, n := range lengths() {
		out := asm.OutputS8{ZeroPoint: int32(i*37%256 - 128), Min: -128, Max: 127}
		if i%3 == 0 {
			out.Min, out.Max = -20, 33
		}
		for name, src := range map[string][]float32{"halves": halves(&source, n), "hard": source.HardFloat32s(n), "not finite": nonFinite(&source, n)} {
			for _, scale := range []float32{1, 0.0173, 0.5} {
				kerneltest.Check(t, fmt.Sprintf("n=%d %s scale=%v", n, name, scale), func(p *kerneltest.Place) []int8 {
					got := kerneltest.Out(p, make([]int8, n))
					asm.QuantizeF32S8(got, kerneltest.In(p, src), scale, out)
					return got
				})
			}
		}
	}
}

func TestDequantizeS8F32(t *testing.T) {
	source := kerneltest.Source(262)
	for i, n := range lengths() {
		src, zeroPoint := source.Int8s(n), int32(i*91%256-128)
		kerneltest.Check(t, fmt.Sprintf("n=%d", n), func(p *kerneltest.Place) []float32 {
			got := kerneltest.Out(p, make([]float32, n))
			asm.DequantizeS8F32(got, kerneltest.In(p, src), 0.0173, zeroPoint)
			return got
		})
	}
}

func BenchmarkQuantizeF32S8(b *testing.B) {
	const n = 768
	source := kerneltest.Source(263)
	real, q := source.Float32s(n), source.Int8s(n)
	kerneltest.Bench(b, fmt.Sprintf("quantize/n=%d", n), n, func() { asm.QuantizeF32S8(q, real, 0.03, asm.OutputS8{Min: -128, Max: 127}) })
	kerneltest.Bench(b, fmt.Sprintf("dequantize/n=%d", n), n, func() { asm.DequantizeS8F32(real, q, 0.03, 5) })
}

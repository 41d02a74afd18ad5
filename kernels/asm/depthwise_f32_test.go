package asm_test

import (
	"fmt"
	"testing"

	"megl-edge/kernels/asm"
	"megl-edge/kernels/internal/kerneltest"
)

// depthwiseF32Weights packs weights; missing channels are 0.
func depthwiseF32Weights(channels int, weights []float32) []float32 {
	w := make([]float32, asm.DepthwiseF32WeightLen(channels))
	for c := range channels {
		for tap := range 9 {
			w[(c/8*9+tap)*8+c%8] = weights[c*9+tap]
		}
	}
	return w
}

func TestDepthwiseF32(t *testing.T) {
	source := kerneltest.Source(51)
	for _, s := range depthwiseShapes() {
		n := s.rowLen()
		r0, r1, r2 := source.HardFloat32s(n), source.HardFloat32s(n), source.HardFloat32s(n)
		bias := source.HardFloat32s(s.channels)
		w := depthwiseF32Weights(s.channels, source.HardFloat32s(9*s.channels))
		kerneltest.Check(t, s.String(), func(p *kerneltest.Place) []float32 {
			got := kerneltest.Out(p, make([]float32, s.pixels*s.channels))
			asm.DepthwiseF32(got, kerneltest.In(p, bias), kerneltest.In(p, r0), kerneltest.In(p, r1), kerneltest.In(p, r2),
				s.pixels, s.pixelStep(), s.tapStep(), s.channels, kerneltest.In(p, w))
			return got
		})
	}
}

func BenchmarkDepthwiseF32(b *testing.B) {
	source := kerneltest.Source(52)
	for _, s := range []depthwiseShape{{14, 1, 1, 96}, {7, 1, 1, 192}, {7, 2, 1, 96}} {
		w := depthwiseF32Weights(s.channels, source.Float32s(9*s.channels))
		r0, r1, r2 := source.Float32s(s.rowLen()), source.Float32s(s.rowLen()), source.Float32s(s.rowLen())
		bias, dst := source.Float32s(s.channels), make([]float32, s.pixels*s.channels)
		shape := fmt.Sprintf("pixels=%d/stride=%d/channels=%d", s.pixels, s.stride, s.channels)
		kerneltest.Bench(b, shape, 2*9*s.pixels*s.channels, func() {
			asm.DepthwiseF32(dst, bias, r0, r1, r2, s.pixels, s.pixelStep(), s.tapStep(), s.channels, w)
		})
	}
}

package asm_test

import (
	"fmt"
	"testing"

	"megl-edge/kernels/asm"
	"megl-edge/kernels/internal/kerneltest"
)

func TestClampGradF32(t *testing.T) {
	source := kerneltest.Source(73)
	for _, bounds := range [][2]float32{{0, inf}, {0, 6}, {-inf, 1}, {2, 2}} {
		for _, n := range lengths() {
			dy, y := source.HardFloat32s(n), nonFinite(&source, n)
			if n > 2 {
				y[n/2], y[n-1] = bounds[0], bounds[1]
			}
			kerneltest.Check(t, fmt.Sprintf("n=%d bounds=%v", n, bounds), func(p *kerneltest.Place) []float32 {
				got := kerneltest.Out(p, make([]float32, n))
				asm.ClampGradF32(got, kerneltest.In(p, dy), kerneltest.In(p, y), bounds[0], bounds[1])
				return got
			})
		}
	}
}

func TestClampGradF32AtTheEnds(t *testing.T) {
	for _, level := range asm.Levels() {
		restore := asm.Force(level)
		got := make([]float32, 8)
		asm.ClampGradF32(got, []float32{1, 2, 3, 4, 5, 6, 7, 8}, []float32{0, negativeZero, 1e-30, 6, 5.9, nan, -1, inf}, 0, 6)
		restore()
		for i, want := range []float32{0, 0, 3, 0, 5, 0, 0, 0} {
			if got[i] != want {
				t.Fatalf("level %v: element %d is %v, want %v", level, i, got[i], want)
			}
		}
	}
}

func BenchmarkClampGradF32(b *testing.B) {
	const n = 14 * 96
	source := kerneltest.Source(74)
	dst, dy, y := make([]float32, n), source.Float32s(n), source.Float32s(n)
	kerneltest.Bench(b, fmt.Sprintf("n=%d", n), n, func() { asm.ClampGradF32(dst, dy, y, 0, 6) })
}

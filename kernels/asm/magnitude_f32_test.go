package asm_test

import (
	"fmt"
	"math"
	"testing"

	"megl-edge/kernels/asm"
	"megl-edge/kernels/internal/kerneltest"
)

func TestMagnitudeF32(t *testing.T) {
	source := kerneltest.Source(211)
	for _, n := range lengths() {
		src := source.HardFloat32s(n)
		if n%5 == 4 {
			src[n*3/4] = float32(math.Inf(-1))
		}
		kerneltest.Check(t, fmt.Sprintf("n=%d", n), func(p *kerneltest.Place) []float32 {
			return []float32{asm.MagnitudeF32(kerneltest.In(p, src))}
		})
	}
}

// The greatest is found wherever it lies, whatever its sign.
func TestMagnitudeF32Everywhere(t *testing.T) {
	for _, level := range asm.Levels() {
		restore := asm.Force(level)
		for i := range 75 {
			src := make([]float32, 75)
			src[i], src[(i+1)%75] = -3, 2
			if got := asm.MagnitudeF32(src); got != 3 {
				t.Errorf("level %v: −3 at %d: the greatest magnitude is %v", level, i, got)
			}
		}
		restore()
	}
}

func TestMagnitudesF32(t *testing.T) {
	source := kerneltest.Source(212)
	for _, n := range lengths() {
		dst, src := positive(source.Float32s(n+n%3), 1), source.HardFloat32s(n)
		kerneltest.Check(t, fmt.Sprintf("n=%d", n), func(p *kerneltest.Place) []float32 {
			got := kerneltest.Out(p, dst)
			asm.MagnitudesF32(got, kerneltest.In(p, src))
			return got
		})
	}
}

func BenchmarkMagnitudeF32(b *testing.B) {
	const n = 768
	source := kerneltest.Source(213)
	src, dst := source.Float32s(n), make([]float32, n)
	var sum float32
	kerneltest.Bench(b, fmt.Sprintf("row/n=%d", n), n, func() { sum += asm.MagnitudeF32(src) })
	kerneltest.Bench(b, fmt.Sprintf("columns/n=%d", n), n, func() { asm.MagnitudesF32(dst, src) })
}

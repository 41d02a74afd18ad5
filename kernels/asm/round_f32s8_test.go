package asm_test

import (
	"fmt"
	"math"
	"testing"

	"megl-edge/kernels/asm"
	"megl-edge/kernels/internal/kerneltest"
)

// halves are values of which many lie exactly between two integers.
func halves(source *kerneltest.Source, n int) []float32 {
	values := make([]float32, n)
	for i := range values {
		values[i] = float32(int8(source.Next())) / 2
	}
	return values
}

func TestRoundF32S8(t *testing.T) {
	source := kerneltest.Source(221)
	for _, n := range lengths() {
		for _, unit := range []float32{1, -0.125, 1.0 / 3} {
			src, factor := halves(&source, n), 1.99/max(unit, -unit)
			if unit == 1 {
				factor = 1
			}
			kerneltest.Check(t, fmt.Sprintf("n=%d unit=%v", n, unit), func(p *kerneltest.Place) []int8 {
				got := kerneltest.Out(p, make([]int8, n))
				asm.RoundF32S8(got, kerneltest.In(p, src), unit, factor)
				for i, v := range got {
					if want := math.RoundToEven(float64(float32(src[i]*unit) * factor)); float64(v) != want {
						t.Fatalf("%v·%v·%v is %d, want %v", src[i], unit, factor, v, want)
					}
				}
				return got
			})
		}
	}
}

func TestRoundColumnsF32S8(t *testing.T) {
	source := kerneltest.Source(222)
	for _, n := range lengths() {
		src, factor := halves(&source, n), source.Float32s(n)
		for i := range factor {
			factor[i] = float32(math.Abs(float64(factor[i]))) / 2.1
		}
		kerneltest.Check(t, fmt.Sprintf("n=%d", n), func(p *kerneltest.Place) []int8 {
			got := kerneltest.Out(p, make([]int8, n))
			asm.RoundColumnsF32S8(got, kerneltest.In(p, src), kerneltest.In(p, factor))
			return got
		})
	}
}

func BenchmarkRoundF32S8(b *testing.B) {
	const n = 768
	source := kerneltest.Source(223)
	src, dst := source.Float32s(n), make([]int8, n)
	kerneltest.Bench(b, fmt.Sprintf("row/n=%d", n), n, func() { asm.RoundF32S8(dst, src, 1, 30) })
	kerneltest.Bench(b, fmt.Sprintf("columns/n=%d", n), n, func() { asm.RoundColumnsF32S8(dst, src, src) })
}

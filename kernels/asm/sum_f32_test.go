package asm_test

import (
	"fmt"
	"testing"

	"megl-edge/kernels/asm"
	"megl-edge/kernels/internal/kerneltest"
)

func TestSumF32(t *testing.T) {
	source := kerneltest.Source(141)
	for _, n := range lengths() {
		for name, src := range map[string][]float32{
			"ordinary": source.Float32s(n), "hard": source.HardFloat32s(n), "-0": repeat(negativeZero, n),
		} {
			kerneltest.Check(t, fmt.Sprintf("n=%d %s", n, name), func(p *kerneltest.Place) []float32 {
				return []float32{asm.SumF32(kerneltest.In(p, src))}
			})
		}
	}
}

func repeat(v float32, n int) []float32 {
	values := make([]float32, n)
	for i := range values {
		values[i] = v
	}
	return values
}

// Element i belongs to lane i mod 16, and lanes meet 8, 4, 2 and 1 apart: 1 is
// lost beside 2²⁴ unless its own lane, or the sums of small lanes, come first.
func TestSumF32Order(t *testing.T) {
	for _, row := range []struct {
		label    string
		elements map[int]float32
		want     float32
	}{
		{"1 before 2²⁴ in a lane", map[int]float32{0: 1, 16: 1, 32: 0x1p24}, 0x1p24 + 2},
		{"1 after 2²⁴ in a lane", map[int]float32{0: 0x1p24, 16: 1, 32: 1}, 0x1p24},
		{"8 apart first", map[int]float32{0: 0x1p24, 4: 1, 12: 1}, 0x1p24 + 2},
		{"8 apart before 4 apart", map[int]float32{0: 0x1p24, 8: 1, 4: 1}, 0x1p24},
		{"4 apart before 2 apart", map[int]float32{0: 0x1p24, 2: 1, 6: 1}, 0x1p24 + 2},
		{"2 apart before 1 apart", map[int]float32{0: 0x1p24, 1: 1, 3: 1}, 0x1p24 + 2},
	} {
		src := make([]float32, 40)
		for i, v := range row.elements {
			src[i] = v
		}
		for _, level := range asm.Levels() {
			restore := asm.Force(level)
			if got := asm.SumF32(src); got != row.want {
				t.Errorf("%s: level %v gives %v, want %v", row.label, level, got, row.want)
			}
			restore()
		}
	}
}

func BenchmarkSumF32(b *testing.B) {
	const n = 1280
	source := kerneltest.Source(142)
	src := source.Float32s(n)
	var sum float32
	kerneltest.Bench(b, fmt.Sprintf("n=%d", n), n, func() { sum += asm.SumF32(src) })
}

package asm_test

import (
	"fmt"
	"math"
	"testing"

	"megl-edge/kernels/asm"
	"megl-edge/kernels/internal/kerneltest"
)

var (
	inf          = float32(math.Inf(1))
	nan          = float32(math.NaN())
	negativeZero = float32(math.Copysign(0, -1))
)

// nonFinite returns hard values with NaN and both infinities among them: for
// kernels that say what they do with these.
func nonFinite(source *kerneltest.Source, n int) []float32 {
	values := source.HardFloat32s(n)
	for i := range values {
		if r := source.Intn(16); r < 3 {
			values[i] = [...]float32{inf, -inf, nan}[r]
		}
	}
	return values
}

func TestClampF32(t *testing.T) {
	source := kerneltest.Source(71)
	for _, bounds := range [][2]float32{{0, inf}, {0, 6}, {negativeZero, 6}, {-1, 0}, {-1, negativeZero}, {-inf, inf}, {2, 2}} {
		for _, n := range lengths() {
			x := nonFinite(&source, n)
			kerneltest.Check(t, fmt.Sprintf("n=%d bounds=%v", n, bounds), func(p *kerneltest.Place) []float32 {
				got := kerneltest.Out(p, x)
				asm.ClampF32(got, bounds[0], bounds[1])
				return got
			})
		}
	}
}

func TestClampF32NaNAndNegativeZero(t *testing.T) {
	for _, level := range asm.Levels() {
		restore := asm.Force(level)
		x := []float32{nan, negativeZero, -1, inf, 7, 6, 3, nan, nan}
		asm.ClampF32(x, 0, 6)
		restore()
		for i, want := range []float32{0, 0, 0, 6, 6, 6, 3, 0, 0} {
			if !kerneltest.Same(x[i], want) {
				t.Fatalf("level %v: element %d is %v, want %v", level, i, x[i], want)
			}
		}
	}
}

func BenchmarkClampF32(b *testing.B) {
	const n = 14 * 96
	source := kerneltest.Source(72)
	x := source.Float32s(n)
	kerneltest.Bench(b, fmt.Sprintf("n=%d", n), n, func() { asm.ClampF32(x, 0, 6) })
}

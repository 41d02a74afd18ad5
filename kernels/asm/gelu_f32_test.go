package asm_test

import (
	"math"
	"testing"

	"megl-edge/kernels/asm"
	"megl-edge/kernels/internal/kerneltest"
)

func TestGeluOfF32(t *testing.T) { checkUnaryF32(t, 191, asm.GeluOfF32) }

// The operations that the kernel fuses, one after the other, give the same bits.
func TestGeluOfF32IsComposed(t *testing.T) {
	source := kerneltest.Source(192)
	x := source.HardFloat32s(1000)
	erf, gelu := make([]float32, len(x)), make([]float32, len(x))
	for i, v := range x {
		erf[i] = v * float32(1/math.Sqrt2)
	}
	asm.ErfOfF32(erf, erf)
	asm.GeluOfF32(gelu, x)
	for i, v := range x {
		half, part := v*0.5, erf[i]+1
		if want := half * part; !kerneltest.Same(gelu[i], want) {
			t.Fatalf("gelu(%v) = %v, want %v", v, gelu[i], want)
		}
	}
}

// Against float64: within 2 units in the last place for positive x, and within
// one of x itself where 1 + erf cancels.
func TestGeluF32Accuracy(t *testing.T) {
	exact := func(x float64) float64 { return x * (1 + math.Erf(x/math.Sqrt2)) / 2 }
	worst := 0.0
	for x := float32(0x1p-20); x < 100; x *= 1.0001 {
		if e := ulps(asm.GeluF32(x), exact(float64(x))); e > 2 {
			t.Fatalf("gelu(%v) is %.3f units in the last place off", x, e)
		}
		e := math.Abs(float64(asm.GeluF32(-x)) - exact(float64(-x)))
		worst = max(worst, e/float64(x))
	}
	t.Logf("negative x: worst error %.3f·2⁻²³·x", worst*0x1p23)
	if worst > 0x1p-23 {
		t.Fatalf("negative x: error %v·x", worst)
	}
}

func TestGeluF32Edges(t *testing.T) {
	checkPoints(t, asm.GeluF32,
		point{0, 0}, point{negativeZero, negativeZero}, point{6, 6}, point{-6, negativeZero},
		point{0x1p127, 0x1p127}, point{inf, inf},
	)
}

func BenchmarkGeluOfF32(b *testing.B) { benchUnaryF32(b, 193, asm.GeluOfF32) }

package asm_test

import (
	"math"
	"math/big"
	"testing"

	"megl-edge/kernels/asm"
	"megl-edge/kernels/internal/kerneltest"
)

// exactFMA computes x·y + z with 4096 bits and rounds once.
func exactFMA(x, y, z float32) float32 {
	exact := func(v float32) *big.Float { return new(big.Float).SetPrec(4096).SetFloat64(float64(v)) }
	sum := exact(x)
	sum.Mul(sum, exact(y)).Add(sum, exact(z))
	rounded, _ := sum.Float32()
	return rounded
}

func TestFMAF32RoundsOnce(t *testing.T) {
	x, y := float32(1+0x1p-23), float32((1-0x1p-23)*0x1p-24)
	if got := math.Float32bits(asm.FMAF32(x, y, x)); got != 0x3f800001 {
		t.Fatalf("FMAF32 of the double-rounding vector is %#x, want 0x3f800001", got)
	}
	source := kerneltest.Source(3)
	for range 100_000 {
		v := source.HardFloat32s(3)
		got, want := asm.FMAF32(v[0], v[1], v[2]), exactFMA(v[0], v[1], v[2])
		if got != want {
			t.Fatalf("FMAF32(%v, %v, %v) = %v, want %v", v[0], v[1], v[2], got, want)
		}
	}
}

func TestFMAF32NonFinite(t *testing.T) {
	inf := float32(math.Inf(1))
	if got := asm.FMAF32(2, 3, inf); got != inf {
		t.Fatalf("2·3 + ∞ = %v", got)
	}
	if got := asm.FMAF32(inf, 0, 1); got == got {
		t.Fatalf("∞·0 + 1 = %v, want NaN", got)
	}
	if got := asm.FMAF32(math.MaxFloat32, 2, 0); got != inf {
		t.Fatalf("an overflowing product gave %v, want ∞", got)
	}
}

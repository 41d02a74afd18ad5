package asm_test

import (
	"math"
	"testing"

	"megl-edge/kernels/asm"
)

func TestLogOfF32(t *testing.T) { checkUnaryF32(t, 181, asm.LogOfF32) }

func TestLogF32Accuracy(t *testing.T) { checkUlps(t, asm.LogF32, math.Log) }

// Powers of two, subnormal ones too, have f = 0: the result is n·ln 2, rounded
// once from the float32 constant.
func TestLogF32PowersOfTwo(t *testing.T) {
	for n := -149; n <= 127; n++ {
		got, want := asm.LogF32(float32(math.Ldexp(1, n))), float32(n)*float32(math.Ln2)
		if got != want {
			t.Errorf("log(2^%d) = %v, want %v", n, got, want)
		}
	}
}

func TestLogF32Edges(t *testing.T) {
	noNumber := math.Float32frombits(0x7fc00000)
	checkPoints(t, asm.LogF32,
		point{0, -inf}, point{negativeZero, -inf}, point{1, 0}, point{inf, inf},
		point{-math.SmallestNonzeroFloat32, noNumber}, point{-1, noNumber}, point{-inf, noNumber},
		point{nan, noNumber}, point{math.Float32frombits(0xffc12345), noNumber},
	)
}

func BenchmarkLogOfF32(b *testing.B) { benchUnaryF32(b, 182, asm.LogOfF32) }

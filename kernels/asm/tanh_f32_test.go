package asm_test

import (
	"math"
	"testing"

	"megl-edge/kernels/asm"
)

func TestTanhOfF32(t *testing.T) { checkUnaryF32(t, 171, asm.TanhOfF32) }

func TestTanhF32Accuracy(t *testing.T) { checkUlps(t, asm.TanhF32, math.Tanh) }

func TestTanhF32IsOdd(t *testing.T) { checkOdd(t, asm.TanhF32) }

func TestTanhF32Edges(t *testing.T) {
	const smallest = math.SmallestNonzeroFloat32
	checkPoints(t, asm.TanhF32,
		point{0, 0}, point{negativeZero, negativeZero}, point{smallest, smallest}, point{-smallest, -smallest},
		point{9.1, 1}, point{50, 1}, point{math.MaxFloat32, 1}, point{inf, 1}, point{-inf, -1},
	)
}

func BenchmarkTanhOfF32(b *testing.B) { benchUnaryF32(b, 172, asm.TanhOfF32) }

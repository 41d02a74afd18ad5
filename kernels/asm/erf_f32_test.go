package asm_test

import (
	"math"
	"testing"

	"megl-edge/kernels/asm"
)

func TestErfOfF32(t *testing.T) { checkUnaryF32(t, 161, asm.ErfOfF32) }

func TestErfF32Accuracy(t *testing.T) { checkUlps(t, asm.ErfF32, math.Erf) }

func TestErfF32IsOdd(t *testing.T) { checkOdd(t, asm.ErfF32) }

func TestErfF32Edges(t *testing.T) {
	const smallest = math.SmallestNonzeroFloat32
	checkPoints(t, asm.ErfF32,
		point{0, 0}, point{negativeZero, negativeZero}, point{smallest, smallest}, point{-smallest, -smallest},
		point{3.9, 1}, point{4, 1}, point{math.MaxFloat32, 1}, point{inf, 1}, point{-inf, -1},
	)
}

func BenchmarkErfOfF32(b *testing.B) { benchUnaryF32(b, 162, asm.ErfOfF32) }

package asm_test

import (
	"math"
	"testing"

	"megl-edge/kernels/asm"
	"megl-edge/kernels/internal/kerneltest"
)

const (
	expLowest  = float32(-87.33654)
	expHighest = float32(88.72283)
)

// ulps is the distance of got from want in units of the last place of the
// float32 that want rounds to.
func ulps(got float32, want float64) float64 {
	bits := math.Float32bits(float32(want))
	exponent := max(int(bits>>23&0xff), 1)
	return math.Abs(float64(got)-want) / math.Ldexp(1, exponent-127-23)
}

// float64 math.Exp is exact to far below a unit of the last place of float32.
func TestExpF32Accuracy(t *testing.T) {
	worst, at := 0.0, float32(0)
	for bits := uint32(0); bits <= math.Float32bits(expHighest); bits += 4093 {
		for _, x := range []float32{math.Float32frombits(bits), -math.Float32frombits(bits)} {
			if x < expLowest {
				continue
			}
			if e := ulps(asm.ExpF32(x), math.Exp(float64(x))); e > worst {
				worst, at = e, x
			}
		}
	}
	t.Logf("worst: %.3f units in the last place, at %v", worst, at)
	if worst > 2 {
		t.Fatalf("ExpF32(%v) is %.3f units in the last place off", at, worst)
	}
}

func TestExpF32Edges(t *testing.T) {
	below := math.Nextafter32(expLowest, -inf)
	largest := asm.ExpF32(expHighest)
	for _, row := range []struct{ x, want float32 }{
		{0, 1}, {negativeZero, 1}, {math.SmallestNonzeroFloat32, 1}, {-math.SmallestNonzeroFloat32, 1},
		{below, 0}, {-1e30, 0}, {-inf, 0},
		{math.Nextafter32(expHighest, inf), largest}, {1e30, largest}, {inf, largest}, {nan, largest},
	} {
		if got := asm.ExpF32(row.x); !kerneltest.Same(got, row.want) {
			t.Errorf("ExpF32(%v) = %v, want %v", row.x, got, row.want)
		}
	}
	if got := asm.ExpF32(expLowest); got < 0x1p-126 {
		t.Errorf("ExpF32(%v) = %v is subnormal", expLowest, got)
	}
	if largest > math.MaxFloat32 {
		t.Errorf("ExpF32(%v) = %v", expHighest, largest)
	}
}

// Neighbouring values around the edges of the range, around 0, and where the
// reduction goes from one power of two to the next.
func TestExpF32IsMonotone(t *testing.T) {
	centres := []float32{expLowest, expHighest, 0}
	for n := -126; n <= 127; n++ {
		centres = append(centres, float32((float64(n)+0.5)*math.Ln2))
	}
	for _, x := range centres {
		for range 1000 {
			x = math.Nextafter32(x, -inf)
		}
		before := asm.ExpF32(x)
		for range 2000 {
			x = math.Nextafter32(x, inf)
			y := asm.ExpF32(x)
			if y < before {
				t.Fatalf("ExpF32(%v) = %v is below %v, the result just before", x, y, before)
			}
			before = y
		}
	}
}

func TestExpOfF32(t *testing.T) { checkUnaryF32(t, 171, asm.ExpOfF32) }

func BenchmarkExpOfF32(b *testing.B) { benchUnaryF32(b, 172, asm.ExpOfF32) }

package asm_test

import (
	"fmt"
	"math"
	"testing"

	"megl-edge/kernels/asm"
	"megl-edge/kernels/internal/kerneltest"
)

// What runs at level ref is tuned where that would hide what the result is: these
// tests hold it against the definitions.

func checkSame[T kerneltest.Number](t *testing.T, label string, got, want []T) {
	t.Helper()
	for i := range want {
		if !kerneltest.Same(got[i], want[i]) {
			t.Fatalf("%s: element %d is %v, defined as %v", label, i, got[i], want[i])
		}
	}
}

func TestGemmsAsDefined(t *testing.T) {
	defer asm.Force(asm.Ref)()
	source := kerneltest.Source(301)
	for m := 1; m <= asm.GemmS8Rows; m++ {
		for _, k := range []int{2, 4, 6, 34, 130} {
			lda, ldc := k+m%3, asm.GemmS8Cols+m%2*5
			got, want := make([]int32, (m-1)*ldc+asm.GemmS8Cols), make([]int32, (m-1)*ldc+asm.GemmS8Cols)
			a, b := source.WidenedInt8s((m-1)*lda+k), source.Int8s(k*asm.GemmS8Cols)
			asm.GemmS8(got, ldc, a, lda, b, m, k)
			asm.GemmS8Ref(want, ldc, a, lda, b, m, k)
			checkSame(t, fmt.Sprintf("int8, m=%d k=%d", m, k), got, want)

			x, y := source.HardFloat32s((m-1)*lda+k), source.HardFloat32s(k*asm.GemmF32Cols)
			sums := source.HardFloat32s((m-1)*ldc + asm.GemmF32Cols)
			defined := append([]float32(nil), sums...)
			asm.GemmF32(sums, ldc, x, lda, y, m, k)
			asm.GemmF32Ref(defined, ldc, defined, ldc, x, lda, y, m, k)
			checkSame(t, fmt.Sprintf("float32, m=%d k=%d", m, k), sums, defined)
		}
	}
}

func TestDepthwiseAsDefined(t *testing.T) {
	defer asm.Force(asm.Ref)()
	source := kerneltest.Source(302)
	for _, s := range depthwiseShapes() {
		n := s.rowLen()
		w := depthwiseS8Weights(s.channels, func() int16 { return int16(source.Intn(511) - 255) })
		r0, r1, r2 := source.Int8s(n), source.Int8s(n), source.Int8s(n)
		got, want := make([]int32, s.pixels*s.channels), make([]int32, s.pixels*s.channels)
		asm.DepthwiseS8(got, r0, r1, r2, s.pixels, s.pixelStep(), s.tapStep(), s.channels, w)
		asm.DepthwiseS8From(0, want, r0, r1, r2, s.pixels, s.pixelStep(), s.tapStep(), s.channels, w)
		checkSame(t, "int8, "+s.String(), got, want)

		x0, x1, x2 := source.HardFloat32s(n), source.HardFloat32s(n), source.HardFloat32s(n)
		bias, weights := source.HardFloat32s(s.channels), source.HardFloat32s(asm.DepthwiseF32WeightLen(s.channels))
		values, defined := make([]float32, s.pixels*s.channels), make([]float32, s.pixels*s.channels)
		asm.DepthwiseF32(values, bias, x0, x1, x2, s.pixels, s.pixelStep(), s.tapStep(), s.channels, weights)
		asm.DepthwiseF32From(0, defined, bias, x0, x1, x2, s.pixels, s.pixelStep(), s.tapStep(), s.channels, weights)
		checkSame(t, "float32, "+s.String(), values, defined)
	}
}

func TestDepthwiseTapsAsDefined(t *testing.T) {
	defer asm.Force(asm.Ref)()
	source := kerneltest.Source(303)
	for _, s := range tapsShapes() {
		label := fmt.Sprint(s)
		padded := (s.channels + 15) / 16 * 16
		d := asm.DepthwiseTapsS8{
			Channels: s.channels, Taps: s.taps, Pairs: make([]int16, (s.taps+1)/2*2*padded),
			Bias: source.Int32s(padded, 14), Scale: positive(source.Float32s(padded), 1e-3),
			Output: asm.OutputS8{ZeroPoint: 7, Min: -128, Max: 100},
		}
		for c := range s.channels {
			for tap := range s.taps {
				d.Pairs[((c/16*((s.taps+1)/2)+tap/2)*16+c%16)*2+tap%2] = int16(source.Intn(511) - 255)
			}
		}
		rows := taps(s, source.Int8s)(nil)
		got, want := make([]int8, s.pixels*s.channels), make([]int8, s.pixels*s.channels)
		d.Run(got, rows, s.pixels, s.step)
		d.RunFrom(0, want, rows, s.pixels, s.step)
		checkSame(t, "int8, "+label, got, want)

		x := taps(s, source.HardFloat32s)(nil)
		bias, w := source.HardFloat32s(s.channels), source.HardFloat32s((s.channels+7)/8*8*s.taps)
		values, defined := make([]float32, s.pixels*s.channels), make([]float32, s.pixels*s.channels)
		asm.DepthwiseTapsF32(values, bias, x, s.pixels, s.step, s.channels, w)
		asm.DepthwiseTapsF32From(0, defined, bias, x, s.pixels, s.step, s.channels, w)
		checkSame(t, "float32, "+label, values, defined)
	}
}

// Sums that float64 rounds onto a half of float32, from either side, or exactly,
// and sums that lie among the subnormal numbers and the zeros.
func TestFMAF32AsDefined(t *testing.T) {
	source := kerneltest.Source(304)
	check := func(x, y, z float32) {
		t.Helper()
		if got, want := asm.FMAF32(x, y, z), asm.FMAF32Ref(x, y, z); !kerneltest.Same(got, want) {
			t.Fatalf("FMAF32(%v, %v, %v) is %v, defined as %v", x, y, z, got, want)
		}
	}
	for range 200_000 {
		v := source.HardFloat32s(3)
		check(v[0], v[1], v[2])
		// The product reaches half of the last bit of z, or a little more or less.
		z := math.Float32frombits(math.Float32bits(v[2])&^(0xff<<23) | uint32(1+source.Intn(254))<<23)
		ulp := float64(math.Nextafter32(z, math.MaxFloat32)) - float64(z)
		x := float32(1 + float64(source.Intn(3)-1)*0x1p-23)
		check(x, float32(ulp/2), z)
		check(-x, float32(ulp/2*(1+float64(source.Intn(3)-1)*0x1p-23)), z)
	}
	for _, x := range []float32{0, float32(math.Copysign(0, -1)), 0x1p-149, 0x1p-126, 0x1p-75, 1} {
		for _, z := range []float32{0, float32(math.Copysign(0, -1)), 0x1p-149, -0x1p-149, 0x1p-126, -0x1p-126, 0x1.fffffep-127} {
			for _, y := range []float32{x, -x, 1, 0x1p-24, 0x1p-75} {
				check(x, y, z)
			}
		}
	}
}

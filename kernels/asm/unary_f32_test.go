package asm_test

import (
	"fmt"
	"math"
	"testing"

	"megl-edge/kernels/asm"
	"megl-edge/kernels/internal/kerneltest"
)

// checkUnaryF32 compares the levels of an elementwise function: at every kind of
// place, and over bit patterns spread evenly among all float32.
func checkUnaryF32(t *testing.T, seed uint64, call func(y, x []float32)) {
	t.Helper()
	source := kerneltest.Source(seed)
	for n := range 71 {
		x := nonFinite(&source, n)
		kerneltest.Check(t, fmt.Sprintf("n=%d", n), func(p *kerneltest.Place) []float32 {
			got := kerneltest.Out(p, make([]float32, n))
			call(got, kerneltest.In(p, x))
			return got
		})
		kerneltest.Check(t, fmt.Sprintf("n=%d in place", n), func(p *kerneltest.Place) []float32 {
			got := kerneltest.Out(p, x)
			call(got, got)
			return got
		})
	}
	sweepLevels(t, call)
}

// sweepLevels compares the reference with the highest level, chunk by chunk.
func sweepLevels(t *testing.T, call func(y, x []float32)) {
	t.Helper()
	const (
		chunk  = 1 << 14
		stride = 1301 // odd, so that the 3.3 million patterns have all kinds of last bits
	)
	highest := asm.Levels()[len(asm.Levels())-1]
	x, want, got := make([]float32, chunk), make([]float32, chunk), make([]float32, chunk)
	for start := uint64(0); start < 1<<32; start += chunk * stride {
		for i := range uint64(chunk) {
			x[i] = math.Float32frombits(uint32(start + i*stride))
		}
		callAt(asm.Ref, call, want, x)
		callAt(highest, call, got, x)
		for i := range got {
			if !kerneltest.Same(got[i], want[i]) {
				t.Fatalf("level %v: f(%v) = %v, reference has %v", highest, x[i], got[i], want[i])
			}
		}
	}
}

func callAt(level asm.Level, call func(y, x []float32), y, x []float32) {
	defer asm.Force(level)()
	call(y, x)
}

// checkUlps fails where f is more than 2 units in the last place from the exact
// function, over positive numbers.
func checkUlps(t *testing.T, f func(float32) float32, exact func(float64) float64) {
	t.Helper()
	worst, at := 0.0, float32(0)
	for bits := uint32(1); bits < 0x7f800000; bits += 1021 {
		x := math.Float32frombits(bits)
		if e := ulps(f(x), exact(float64(x))); e > worst {
			worst, at = e, x
		}
	}
	t.Logf("worst: %.3f units in the last place, at %v", worst, at)
	if worst > 2 {
		t.Fatalf("f(%v) is %.3f units in the last place off", at, worst)
	}
}

// checkOdd fails where f(−x) is not −f(x) to the bit, zeros and infinities
// included.
func checkOdd(t *testing.T, f func(float32) float32) {
	t.Helper()
	for bits := uint32(0); bits <= 0x7f800000; bits += 1 << 11 {
		x := math.Float32frombits(bits)
		if got, want := f(-x), -f(x); !kerneltest.Same(got, want) {
			t.Fatalf("f(%v) = %v, want %v", -x, got, want)
		}
	}
}

type point struct{ x, y float32 }

func checkPoints(t *testing.T, f func(float32) float32, points ...point) {
	t.Helper()
	for _, p := range points {
		if got := f(p.x); math.Float32bits(got) != math.Float32bits(p.y) {
			t.Errorf("f(%v) = %v (%#08x), want %v", p.x, got, math.Float32bits(got), p.y)
		}
	}
}

func benchUnaryF32(b *testing.B, seed uint64, call func(y, x []float32)) {
	source := kerneltest.Source(seed)
	for _, n := range []int{197, 1344} {
		x, y := source.Float32s(n), make([]float32, n)
		kerneltest.Bench(b, fmt.Sprintf("n=%d", n), n, func() { call(y, x) })
	}
}

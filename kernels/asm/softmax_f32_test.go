package asm_test

import (
	"fmt"
	"math"
	"testing"

	"megl-edge/kernels/asm"
	"megl-edge/kernels/internal/kerneltest"
)

func checkSoftmaxF32(t *testing.T, label string, src []float32) {
	t.Helper()
	kerneltest.Check(t, label, func(p *kerneltest.Place) []float32 {
		got := kerneltest.Out(p, make([]float32, len(src)))
		asm.SoftmaxF32(got, kerneltest.In(p, src))
		return got
	})
	kerneltest.Check(t, label+" in place", func(p *kerneltest.Place) []float32 {
		got := kerneltest.Out(p, src)
		asm.SoftmaxF32(got, got)
		return got
	})
}

// Rows of several spreads: the wide ones reach results of 0.
func TestSoftmaxF32(t *testing.T) {
	source := kerneltest.Source(151)
	for _, n := range lengths() {
		for _, spread := range []float32{0, 0x1p-20, 1, 30, 0x1p100} {
			src := source.Float32s(n)
			for i := range src {
				src[i] *= spread
			}
			checkSoftmaxF32(t, fmt.Sprintf("n=%d spread=%v", n, spread), src)
		}
	}
}

// The largest element in every place, so that each lane of the first pass has
// to see it; and a mask of −Inf around it.
func TestSoftmaxF32LargestAnywhere(t *testing.T) {
	source := kerneltest.Source(152)
	for _, n := range []int{1, 7, 16, 23, 32, 41} {
		for at := range n {
			src := source.Float32s(n)
			src[at] = 20
			checkSoftmaxF32(t, fmt.Sprintf("n=%d largest at %d", n, at), src)
			masked := repeat(-inf, n)
			masked[at] = -3
			checkSoftmaxF32(t, fmt.Sprintf("n=%d all but %d masked", n, at), masked)
		}
	}
}

// Around the lowest exponent, zeros of both signs as the largest, rows of
// negative numbers only (where a missing element taken as 0 would win), and
// infinity.
func TestSoftmaxF32Edges(t *testing.T) {
	const lowest = -87.33654
	edges := []float32{
		0, negativeZero, lowest, math.Nextafter32(lowest, -100), math.Nextafter32(lowest, 0), -88, -1e30, -inf,
		-math.SmallestNonzeroFloat32, -0.34657359, -0.34657362, -1.0397208, -64 * math.Ln2, -63.5 * math.Ln2,
	}
	for n := 1; n <= 40; n++ {
		src, negative := make([]float32, n), make([]float32, n)
		for i := range src {
			src[i] = edges[(i*5+n)%len(edges)]
			negative[i] = -100 - float32(i%7)
		}
		src[n/2] = edges[n%2]
		checkSoftmaxF32(t, fmt.Sprintf("n=%d", n), src)
		checkSoftmaxF32(t, fmt.Sprintf("n=%d negative", n), negative)
		src[n/3] = inf
		checkSoftmaxF32(t, fmt.Sprintf("n=%d infinity", n), src)
	}
}

// Against float64: the probabilities are right, not only equal on every level.
func TestSoftmaxF32Values(t *testing.T) {
	source := kerneltest.Source(153)
	src := source.Float32s(197)
	var sum float64
	for _, v := range src {
		sum += math.Exp(float64(v))
	}
	dst := make([]float32, len(src))
	asm.SoftmaxF32(dst, src)
	for i, v := range dst {
		if want := math.Exp(float64(src[i])) / sum; math.Abs(float64(v)/want-1) > 1e-6 {
			t.Fatalf("element %d is %v, want %v", i, v, want)
		}
	}
}

func BenchmarkSoftmaxF32(b *testing.B) {
	source := kerneltest.Source(154)
	for _, n := range []int{49, 197, 1000} {
		src, dst := source.Float32s(n), make([]float32, n)
		kerneltest.Bench(b, fmt.Sprintf("n=%d", n), n, func() { asm.SoftmaxF32(dst, src) })
	}
}

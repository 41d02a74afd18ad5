package asm_test

import (
	"fmt"
	"testing"

	"megl-edge/kernels/asm"
	"megl-edge/kernels/internal/kerneltest"
)

// requantization is one call of RequantizeS32S8.
type requantization struct {
	rows, cols, ldd, lda int
	acc, addend, bias    []int32
	scale                []float32
	out                  asm.OutputS8
}

func (r requantization) check(t *testing.T, label string) {
	t.Helper()
	before := kerneltest.Source(20)
	dst := before.Int8s((r.rows-1)*r.ldd + r.cols)
	kerneltest.Check(t, label, func(p *kerneltest.Place) []int8 {
		got := kerneltest.Out(p, dst)
		asm.RequantizeS32S8(got, r.ldd, kerneltest.In(p, r.acc), r.lda, kerneltest.In(p, r.addend),
			kerneltest.In(p, r.bias), kerneltest.In(p, r.scale), r.rows, r.cols, r.out)
		return got
	})
}

// column runs one row with bias and addend zero.
func column(acc []int32, scale float32, out asm.OutputS8) requantization {
	scales := make([]float32, len(acc))
	for i := range scales {
		scales[i] = scale
	}
	n := len(acc)
	return requantization{1, n, n, n, acc, []int32{0}, make([]int32, n), scales, out}
}

// scales between 2⁻¹⁶ and 2⁻⁸, as a layer has them.
func scales(source *kerneltest.Source, n int) []float32 {
	values := make([]float32, n)
	for i := range values {
		values[i] = float32(1+source.Intn(1<<16)) * 0x1p-24
	}
	return values
}

var outputs = []asm.OutputS8{
	{ZeroPoint: 0, Min: -128, Max: 127},
	{ZeroPoint: -128, Min: -128, Max: 127},
	{ZeroPoint: 127, Min: -128, Max: 127},
	{ZeroPoint: -5, Min: -5, Max: 90},
	{ZeroPoint: 127, Min: -128, Max: -128},
	{ZeroPoint: -128, Min: 127, Max: 127},
}

func TestRequantizeS32S8(t *testing.T) {
	source := kerneltest.Source(21)
	shapes := []int{64, 65, 97, 120, 127, 315}
	for cols := 1; cols <= 50; cols++ {
		shapes = append(shapes, cols)
	}
	for i, cols := range shapes {
		rows := 1 + i%7
		lda, ldd := cols+i%3, cols+i%4
		requantization{
			rows, cols, ldd, lda,
			source.Int32s((rows-1)*lda+cols, 18), source.Int32s(rows, 12), source.Int32s(cols, 14),
			scales(&source, cols), outputs[i%len(outputs)],
		}.check(t, fmt.Sprintf("rows=%d cols=%d", rows, cols))
	}
}

// Sums and bias over the whole range: the additions wrap, and sums above 2²⁴
// are rounded on the way to float32.
func TestRequantizeS32S8WrapsAndRoundsSums(t *testing.T) {
	const rows, cols = 40, 48
	source := kerneltest.Source(22)
	for _, bits := range []int{25, 26, 28, 32} {
		for _, out := range outputs {
			scale := make([]float32, cols)
			for j := range scale {
				scale[j] = float32(1+source.Intn(1<<12)) / float32(uint64(1)<<(bits+3))
			}
			requantization{
				rows, cols, cols, cols,
				source.Int32s(rows*cols, bits), source.Int32s(rows, bits), source.Int32s(cols, bits), scale, out,
			}.check(t, fmt.Sprintf("%d-bit sums, output %+v", bits, out))
		}
	}
}

func TestRequantizeS32S8TiesGoToEven(t *testing.T) {
	acc := make([]int32, 0, 1100)
	for v := int32(-550); v < 550; v++ {
		acc = append(acc, v)
	}
	for _, out := range outputs {
		column(acc, 0.5, out).check(t, fmt.Sprintf("output %+v", out))
	}
	dst := make([]int8, 4)
	asm.RequantizeS32S8(dst, 4, []int32{1, 3, -1, -3}, 4, []int32{0}, make([]int32, 4),
		[]float32{0.5, 0.5, 0.5, 0.5}, 1, 4, asm.OutputS8{Min: -128, Max: 127})
	if want := [4]int8{0, 2, 0, -2}; [4]int8(dst) != want {
		t.Fatalf("halves round to %v, want %v", dst, want)
	}
}

// Products far outside of int32 and of float32, and products that vanish.
func TestRequantizeS32S8Extremes(t *testing.T) {
	acc := []int32{-1 << 31, 1<<31 - 1, -1, 0, 1, 127, 128, -128, -129, 1 << 24, 1<<24 + 1, 1<<25 + 2, 1<<25 + 6}
	for _, scale := range []float32{0, 0x1p-149, 0x1p-126, 0x1p-31, 0x1p-24, 0x1p-18, 1, 0x1p100, 0x1.fffffep127, -1} {
		for _, out := range outputs {
			column(acc, scale, out).check(t, fmt.Sprintf("scale %v, output %+v", scale, out))
		}
	}
}

func BenchmarkRequantizeS32S8(b *testing.B) {
	source := kerneltest.Source(23)
	for _, shape := range [][2]int{{6, 16}, {14, 96}, {14, 120}} {
		rows, cols := shape[0], shape[1]
		acc, addend, bias := source.Int32s(rows*cols, 18), source.Int32s(rows, 12), source.Int32s(cols, 14)
		scale, dst := scales(&source, cols), make([]int8, rows*cols)
		kerneltest.Bench(b, fmt.Sprintf("rows=%d/cols=%d", rows, cols), rows*cols, func() {
			asm.RequantizeS32S8(dst, cols, acc, cols, addend, bias, scale, rows, cols, outputs[0])
		})
	}
}

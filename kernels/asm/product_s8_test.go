package asm_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"megl-edge/kernels/asm"
	"megl-edge/kernels/internal/kerneltest"
)

// productCase is one panel with its result's operands.
type productCase struct {
	asm.ProductS8
	cols                  int
	bias                  []int32
	scale, rowScale, real []float32
	out                   asm.OutputS8
}

// productCases returns panels of every form over tails of rows, columns and
// depth, for all that may be known of weights.
func productCases() []productCase {
	source := kerneltest.Source(201)
	var cases []productCase
	for _, form := range []asm.FormS8{asm.FormPairs, asm.FormBytes, asm.FormQuads, asm.FormOcts} {
		for i, rows := range []int{1, 2, 3, 5, 6, 7, 11, 12, 31} {
			for _, steps := range []int{1, 2, 3, 8, 37} {
				depth := steps * form.Step()
				c := productCase{cols: []int{16, 1, 9, 15}[(i+steps)%4]}
				c.ProductS8 = asm.ProductS8{
					Form: form, Depth: depth, Segments: 1 + steps%3, SegmentStride: form.RowBytes(depth) + 6*(i%2),
					Rows: rows, StrideA: form.RowBytes(depth) + 2*(i%3), Weights: asm.WeightsS8((i + steps) % 3),
				}
				length := (c.Segments-1)*c.SegmentStride + form.RowBytes(depth)
				for r := range asm.PadRowsS8(rows) {
					c.Offsets = append(c.Offsets, int32(min(r, rows-1)*c.StrideA))
				}
				if i%3 == 2 { // rows in any order
					c.StrideA = 0
					slices.Reverse(c.Offsets[:rows])
					for r := rows; r < len(c.Offsets); r++ {
						c.Offsets[r] = c.Offsets[rows-1]
					}
				}
				c.A = make([]byte, int(slices.Max(c.Offsets))+length)
				form.Convert(c.A, source.Int8s(len(c.A)/form.RowBytes(1)))
				c.B = source.Int8s(c.Segments * depth * asm.GemmS8Cols)
				for j := range c.B {
					switch c.Weights {
					case asm.SymmetricWeights:
						c.B[j] = max(-127, c.B[j])
					case asm.NarrowWeights:
						c.B[j] = int8(max(-64, int(c.B[j])/2))
					}
				}
				c.Addend = source.Int32s(asm.PadRowsS8(rows), 12)
				c.bias, c.scale = source.Int32s(16, 16), positive(source.Float32s(16), 1e-3)
				c.rowScale, c.real = positive(source.Float32s(asm.PadRowsS8(rows)), 1), source.Float32s(16)
				c.out = asm.OutputS8{ZeroPoint: int32(i*31 - 128), Min: -128, Max: 127}
				if i%3 == 1 {
					c.out.Min, c.out.Max = -100, 90
				}
				cases = append(cases, c)
			}
		}
	}
	return cases
}

// offsets are those of rows that are stride apart.
func offsets(rows, stride int) []int32 {
	list := make([]int32, asm.PadRowsS8(rows))
	for r := range list {
		list[r] = int32(min(r, rows-1) * stride)
	}
	return list
}

func positive(values []float32, scale float32) []float32 {
	for i, v := range values {
		values[i] = scale * (0.1 + float32(math.Abs(float64(v))))
	}
	return values
}

func (c productCase) String() string {
	return fmt.Sprintf("form %d, %d rows of %d, %d columns, weights %d", c.Form, c.Rows, c.Depth, c.cols, c.Weights)
}

// place returns the product with its operands in p.
func (c productCase) place(p *kerneltest.Place) asm.ProductS8 {
	product := c.ProductS8
	product.Offsets = kerneltest.In(p, c.Offsets)
	product.A, product.B, product.Addend = kerneltest.In(p, c.A), kerneltest.In(p, c.B), kerneltest.In(p, c.Addend)
	return product
}

func (c productCase) requantized(p *kerneltest.Place) []int8 {
	product, ldd := c.place(p), c.cols+c.Rows%3
	got := kerneltest.Out(p, make([]int8, (c.Rows-1)*ldd+c.cols))
	product.Requantize(got, ldd, kerneltest.In(p, c.bias), kerneltest.In(p, c.scale), c.cols, c.out)
	return got
}

func (c productCase) dequantized(p *kerneltest.Place) []float32 {
	product, ldd := c.place(p), c.cols+c.Rows%3
	got := kerneltest.Out(p, make([]float32, (c.Rows-1)*ldd+c.cols))
	product.Dequantize(got, ldd, kerneltest.In(p, c.bias), kerneltest.In(p, c.scale), kerneltest.In(p, c.rowScale), kerneltest.In(p, c.real), c.cols)
	return got
}

func TestProductS8(t *testing.T) {
	for _, c := range productCases() {
		kerneltest.Check(t, c.String(), c.requantized)
		kerneltest.Check(t, c.String(), c.dequantized)
	}
}

// What overflows int32 or the range of int8 is the bound on both sides.
func TestProductS8Overflow(t *testing.T) {
	for _, c := range productCases() {
		for i := range c.bias {
			c.bias[i] = []int32{math.MaxInt32 - 1<<24, math.MinInt32 + 1<<24, 0, 77}[i%4]
			c.scale[i] = []float32{1, 1e30, 3, 1e-30}[i/4]
		}
		kerneltest.Check(t, c.String(), c.requantized)
	}
}

// The greatest sums of both signs in every form, against what they must be.
func TestProductS8Extremes(t *testing.T) {
	const depth, rows = 512, 7
	for _, form := range []asm.FormS8{asm.FormPairs, asm.FormBytes, asm.FormQuads, asm.FormOcts} {
		for _, x := range []int8{-128, 127} {
			for _, w := range []int8{-128, -127, -64, 64, 127} {
				values, panel := make([]int8, rows*depth), make([]int8, depth*asm.GemmS8Cols)
				for i := range values {
					values[i] = x
				}
				for i := range panel {
					panel[i] = w
				}
				c := productCase{cols: 16, bias: make([]int32, 16), scale: make([]float32, 16), rowScale: make([]float32, 12), real: make([]float32, 16)}
				c.ProductS8 = asm.ProductS8{Form: form, Depth: depth, Segments: 1, Rows: rows, StrideA: form.RowBytes(depth), Offsets: offsets(rows, form.RowBytes(depth)), Addend: make([]int32, 12), B: panel}
				switch {
				case w == 64 || w == -64:
					c.Weights = asm.NarrowWeights
				case w != -128:
					c.Weights = asm.SymmetricWeights
				}
				c.A = make([]byte, rows*c.StrideA)
				form.Convert(c.A, values)
				for i := range c.scale {
					c.scale[i], c.rowScale[i%12] = 1, 1
				}
				kerneltest.Check(t, fmt.Sprint(c, x, w), func(p *kerneltest.Place) []float32 {
					got := c.dequantized(p)
					if want := float32(depth * (int(x) + int(form.Offset())) * int(w)); got[0] != want {
						t.Fatalf("%v, %d·%d: got %v, want %v", c, x, w, got[0], want)
					}
					return got
				})
			}
		}
	}
}

func BenchmarkProductS8(b *testing.B) {
	const rows, depth = 48, 256
	source := kerneltest.Source(202)
	out := asm.OutputS8{Min: -128, Max: 127}
	for _, form := range []asm.FormS8{asm.FormPairs, asm.FormBytes, asm.FormQuads, asm.FormOcts} {
		p := asm.ProductS8{Form: form, Depth: depth, Segments: 1, Rows: rows, StrideA: form.RowBytes(depth), Offsets: offsets(rows, form.RowBytes(depth)), Weights: asm.NarrowWeights, Addend: make([]int32, rows), B: make([]int8, depth*asm.GemmS8Cols)}
		p.A = make([]byte, rows*p.StrideA)
		form.Convert(p.A, source.Int8s(rows*depth))
		dst, bias, scale := make([]int8, rows*16), make([]int32, 16), make([]float32, 16)
		kerneltest.Bench(b, fmt.Sprintf("form=%d/rows=%d/k=%d", form, rows, depth), 2*rows*depth*asm.GemmS8Cols, func() {
			p.Requantize(dst, 16, bias, scale, 16, out)
		})
	}
}

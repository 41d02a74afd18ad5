package asm_test

import (
	"fmt"
	"testing"

	"megl-edge/kernels/asm"
	"megl-edge/kernels/internal/kerneltest"
)

var rowOperators = []struct {
	name string
	run  func(dst []float32, a, b asm.RowF32)
}{
	{"add", asm.AddRowF32}, {"sub", asm.SubRowF32}, {"mul", asm.MulRowF32}, {"div", asm.DivRowF32},
}

func TestRowF32(t *testing.T) {
	source := kerneltest.Source(91)
	row := func(values []float32) asm.RowF32 { return asm.RowF32{Values: values} }
	for _, op := range rowOperators {
		for _, n := range lengths() {
			a, b := nonFinite(&source, n), nonFinite(&source, n)
			number := asm.RowF32{Number: source.Float32s(1)[0]}
			for name, operands := range map[string]func(p *kerneltest.Place) (asm.RowF32, asm.RowF32){
				"rows": func(p *kerneltest.Place) (asm.RowF32, asm.RowF32) {
					return row(kerneltest.In(p, a)), row(kerneltest.In(p, b))
				},
				"first":  func(p *kerneltest.Place) (asm.RowF32, asm.RowF32) { return number, row(kerneltest.In(p, b)) },
				"second": func(p *kerneltest.Place) (asm.RowF32, asm.RowF32) { return row(kerneltest.In(p, a)), number },
			} {
				kerneltest.Check(t, fmt.Sprintf("%s, %s, n=%d", op.name, name, n), func(p *kerneltest.Place) []float32 {
					got := kerneltest.Out(p, make([]float32, n))
					x, y := operands(p)
					op.run(got, x, y)
					return got
				})
			}
			kerneltest.Check(t, fmt.Sprintf("%s in place, n=%d", op.name, n), func(p *kerneltest.Place) []float32 {
				got := kerneltest.Out(p, a)
				op.run(got, row(got), number)
				return got
			})
		}
	}
}

func BenchmarkRowF32(b *testing.B) {
	const n = 14 * 96
	source := kerneltest.Source(92)
	x, y, dst := source.Float32s(n), source.Float32s(n), make([]float32, n)
	for _, op := range rowOperators {
		kerneltest.Bench(b, fmt.Sprintf("%s/n=%d", op.name, n), n, func() { op.run(dst, asm.RowF32{Values: x}, asm.RowF32{Values: y}) })
	}
}

package asm_test

import (
	"fmt"
	"testing"

	"megl-edge/kernels/asm"
	"megl-edge/kernels/internal/kerneltest"
)

var addOperands = []asm.OperandS8{
	{Scale: 0.75, ZeroPoint: 3},
	{Scale: 0.5, ZeroPoint: -128}, // every second sum is a tie
	{Scale: 1.37, ZeroPoint: 127},
	{Scale: 0x1p-149, ZeroPoint: 0},
	{Scale: 0x1.fffffep127, ZeroPoint: -1}, // overflows to infinity, also of both signs
}

func TestAddS8(t *testing.T) {
	source := kerneltest.Source(61)
	for i, n := range lengths() {
		a, b := source.Int8s(n), source.Int8s(n)
		qa, qb := addOperands[i%len(addOperands)], addOperands[i/2%len(addOperands)]
		out := outputs[i%len(outputs)]
		kerneltest.Check(t, fmt.Sprintf("n=%d a=%+v b=%+v out=%+v", n, qa, qb, out), func(p *kerneltest.Place) []int8 {
			got := kerneltest.Out(p, make([]int8, n))
			asm.AddS8(got, kerneltest.In(p, a), kerneltest.In(p, b), qa, qb, out)
			return got
		})
	}
}

func TestAddS8InPlace(t *testing.T) {
	source := kerneltest.Source(62)
	qa, qb, out := addOperands[0], addOperands[2], outputs[0]
	for _, n := range lengths() {
		a, b := source.Int8s(n), source.Int8s(n)
		kerneltest.Check(t, fmt.Sprintf("n=%d dst=a", n), func(p *kerneltest.Place) []int8 {
			got := kerneltest.Out(p, a)
			asm.AddS8(got, got, kerneltest.In(p, b), qa, qb, out)
			return got
		})
		kerneltest.Check(t, fmt.Sprintf("n=%d dst=b", n), func(p *kerneltest.Place) []int8 {
			got := kerneltest.Out(p, b)
			asm.AddS8(got, kerneltest.In(p, a), got, qa, qb, out)
			return got
		})
	}
}

// Every pair of int8 values, at scales whose products are inexact: a fused
// multiply-add differs here.
func TestAddS8AllPairs(t *testing.T) {
	a, b := make([]int8, 1<<16), make([]int8, 1<<16)
	for i := range a {
		a[i], b[i] = int8(i), int8(i>>8)
	}
	qa, qb := asm.OperandS8{Scale: 0.1, ZeroPoint: -7}, asm.OperandS8{Scale: 0.3, ZeroPoint: 19}
	for _, out := range outputs {
		kerneltest.Check(t, fmt.Sprintf("out=%+v", out), func(p *kerneltest.Place) []int8 {
			got := kerneltest.Out(p, make([]int8, len(a)))
			asm.AddS8(got, kerneltest.In(p, a), kerneltest.In(p, b), qa, qb, out)
			return got
		})
	}
}

func BenchmarkAddS8(b *testing.B) {
	const n = 14 * 96
	source := kerneltest.Source(63)
	x, y, dst := source.Int8s(n), source.Int8s(n), make([]int8, n)
	kerneltest.Bench(b, fmt.Sprintf("n=%d", n), n, func() {
		asm.AddS8(dst, x, y, addOperands[0], addOperands[2], outputs[0])
	})
}

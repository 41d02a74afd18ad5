package asm_test

import (
	"fmt"
	"testing"

	"megl-edge/kernels/asm"
	"megl-edge/kernels/internal/kerneltest"
)

func TestWinogradInputS8(t *testing.T) {
	source := kerneltest.Source(291)
	for channels := 1; channels <= 50; channels++ {
		tiles := 1 + channels%5
		line := (2*tiles+2)*channels + channels%3
		strideTile := channels + channels%2
		strideV := (tiles-1)*strideTile + channels + channels%4
		src := source.Int8s(3*line + (2*tiles+2)*channels)
		if channels%7 == 0 { // the greatest magnitudes
			for i := range src {
				src[i] = []int8{-128, 127}[i/channels%2]
			}
		}
		v := int16s(&source, 15*strideV+(tiles-1)*strideTile+channels, 9)
		kerneltest.Check(t, fmt.Sprintf("tiles=%d channels=%d", tiles, channels), func(p *kerneltest.Place) []int16 {
			got := kerneltest.Out(p, v)
			asm.WinogradInputS8(got, strideV, strideTile, kerneltest.In(p, src), line, tiles, channels)
			return got
		})
	}
}

func TestWinogradOutputS8(t *testing.T) {
	source := kerneltest.Source(292)
	for i := range 60 {
		stride := asm.GemmS8Cols + i%3
		sums := source.Int32s(15*stride+asm.GemmS8Cols, 8+i%24)
		bias, scale := source.Int32s(16, 12), positive(source.Float32s(16), 1e-3)
		out := asm.OutputS8{ZeroPoint: int32(source.Intn(256) - 128), Min: -128, Max: 127}
		if i%4 == 3 {
			out.Min, out.Max = -80, 70
			for c := range scale {
				scale[c] *= []float32{1, 1e9}[c%2]
			}
		}
		kerneltest.Check(t, fmt.Sprintf("case %d", i), func(p *kerneltest.Place) []int8 {
			var dst [4][]int8
			for k := range dst {
				dst[k] = kerneltest.Out(p, make([]int8, 16))
			}
			asm.WinogradOutputS8(&dst, kerneltest.In(p, sums), stride, kerneltest.In(p, bias), kerneltest.In(p, scale), out)
			return append(append(append(append([]int8{}, dst[0]...), dst[1]...), dst[2]...), dst[3]...)
		})
	}
}

func BenchmarkWinogradS8(b *testing.B) {
	const tiles, channels = 14, 128
	source := kerneltest.Source(293)
	line := (2*tiles + 2) * channels
	src, v := source.Int8s(4*line), make([]int16, 16*tiles*channels)
	kerneltest.Bench(b, fmt.Sprintf("input/tiles=%d/channels=%d", tiles, channels), 16*tiles*channels, func() {
		asm.WinogradInputS8(v, tiles*channels, channels, src, line, tiles, channels)
	})
	sums, bias, scale := source.Int32s(16*16, 20), make([]int32, 16), make([]float32, 16)
	dst := [4][]int8{make([]int8, 16), make([]int8, 16), make([]int8, 16), make([]int8, 16)}
	kerneltest.Bench(b, "output", 4*16, func() { asm.WinogradOutputS8(&dst, sums, 16, bias, scale, asm.OutputS8{Min: -128, Max: 127}) })
}

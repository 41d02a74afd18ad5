package asm_test

import (
	"fmt"
	"testing"

	"megl-edge/kernels/asm"
	"megl-edge/kernels/internal/kerneltest"
)

// tapsShape is the geometry of one call of a depthwise kernel of any size.
type tapsShape struct{ taps, pixels, step, channels int }

func tapsShapes() []tapsShape {
	shapes := []tapsShape{{49, 5, 32, 16}, {25, 9, 48, 48}, {1, 3, 0, 40}, {2, 4, 16, 16}}
	for channels := 1; channels <= 50; channels++ {
		shapes = append(shapes, tapsShape{1 + channels*7%49, 1 + channels%9, channels * (1 + channels%2), channels})
	}
	return shapes
}

func (s tapsShape) rowLen() int { return (s.pixels-1)*s.step + s.channels }

// taps returns what gives a row for each tap, placed if asked for.
func taps[T kerneltest.Number](s tapsShape, row func(n int) []T) func(*kerneltest.Place) [][]T {
	rows := make([][]T, s.taps)
	for t := range rows {
		rows[t] = row(s.rowLen())
	}
	return func(p *kerneltest.Place) [][]T {
		if p == nil {
			return rows
		}
		placed := make([][]T, len(rows))
		for t, row := range rows {
			placed[t] = kerneltest.In(p, row)
		}
		return placed
	}
}

func TestDepthwiseTapsS8(t *testing.T) {
	source := kerneltest.Source(271)
	for i, s := range tapsShapes() {
		padded := (s.channels + 15) / 16 * 16
		d := asm.DepthwiseTapsS8{
			Channels: s.channels, Taps: s.taps, Pairs: make([]int16, (s.taps+1)/2*2*padded),
			Bias: source.Int32s(padded, 14), Scale: positive(source.Float32s(padded), 1e-3),
			Output: asm.OutputS8{ZeroPoint: int32(source.Intn(256) - 128), Min: -128, Max: 127},
		}
		for c := range s.channels {
			for tap := range s.taps {
				d.Pairs[((c/16*((s.taps+1)/2)+tap/2)*16+c%16)*2+tap%2] = int16(source.Intn(511) - 255)
			}
		}
		if i%4 == 3 {
			d.Output.Min, d.Output.Max = -50, 60
			for c := range d.Scale {
				d.Scale[c] *= []float32{1, 1e9}[c%2]
			}
		}
		rows := taps(s, source.Int8s)
		kerneltest.Check(t, fmt.Sprintf("%+v", s), func(p *kerneltest.Place) []int8 {
			got, layer := kerneltest.Out(p, make([]int8, s.pixels*s.channels)), d
			layer.Pairs, layer.Bias, layer.Scale = kerneltest.In(p, d.Pairs), kerneltest.In(p, d.Bias), kerneltest.In(p, d.Scale)
			layer.Run(got, rows(p), s.pixels, s.step)
			return got
		})
	}
}

func TestDepthwiseTapsF32(t *testing.T) {
	source := kerneltest.Source(272)
	for _, s := range tapsShapes() {
		w, bias := source.HardFloat32s((s.channels+7)/8*s.taps*8), source.HardFloat32s(s.channels)
		rows := taps(s, source.HardFloat32s)
		kerneltest.Check(t, fmt.Sprintf("%+v", s), func(p *kerneltest.Place) []float32 {
			got := kerneltest.Out(p, make([]float32, s.pixels*s.channels))
			asm.DepthwiseTapsF32(got, kerneltest.In(p, bias), rows(p), s.pixels, s.step, s.channels, kerneltest.In(p, w))
			return got
		})
	}
}

func BenchmarkDepthwiseTaps(b *testing.B) {
	s := tapsShape{25, 14, 96, 96}
	source := kerneltest.Source(273)
	shape := fmt.Sprintf("taps=%d/pixels=%d/channels=%d", s.taps, s.pixels, s.channels)
	d := asm.DepthwiseTapsS8{
		Channels: s.channels, Taps: s.taps, Pairs: make([]int16, 26*s.channels), Bias: make([]int32, s.channels), Scale: make([]float32, s.channels),
	}
	rows, dst := taps(s, source.Int8s)(nil), make([]int8, s.pixels*s.channels)
	kerneltest.Bench(b, "s8/"+shape, 2*s.taps*s.pixels*s.channels, func() { d.Run(dst, rows, s.pixels, s.step) })
	realRows, real, w := taps(s, source.Float32s)(nil), make([]float32, s.pixels*s.channels), source.Float32s(25*s.channels)
	kerneltest.Bench(b, "f32/"+shape, 2*s.taps*s.pixels*s.channels, func() {
		asm.DepthwiseTapsF32(real, w, realRows, s.pixels, s.step, s.channels, w)
	})
}

package asm_test

import (
	"fmt"
	"testing"

	"megl-edge/kernels/asm"
	"megl-edge/kernels/internal/kerneltest"
)

// depthwiseRowS8 returns a layer with random weights; narrow ones fit int8.
func depthwiseRowS8(source *kerneltest.Source, channels int, narrow bool) *asm.DepthwiseRowS8 {
	padded := (channels + asm.DepthwiseS8Block - 1) / asm.DepthwiseS8Block * asm.DepthwiseS8Block
	d := &asm.DepthwiseRowS8{
		Channels: channels, Pairs: make([]int16, asm.DepthwiseS8WeightLen(channels)),
		Bias: source.Int32s(padded, 14), Scale: positive(source.Float32s(padded), 1e-3),
		Output: asm.OutputS8{ZeroPoint: int32(source.Intn(256) - 128), Min: -128, Max: 127},
	}
	if channels%3 == 0 {
		d.Output.Min, d.Output.Max = -90, 100
	}
	if narrow {
		d.Fours, d.OffsetBias = make([]int8, 12*padded), append([]int32(nil), d.Bias...)
	}
	for c := range channels {
		for tap := range 9 {
			w := source.Intn(511) - 255
			if narrow {
				w = source.Intn(256) - 128
				d.Fours[((c/16*3+tap%3)*16+c%16)*4+tap/3] = int8(w)
				d.OffsetBias[c] -= 128 * int32(w)
			}
			d.Pairs[((c/16*5+tap/2)*16+c%16)*2+tap%2] = int16(w)
		}
	}
	return d
}

func TestDepthwiseRowS8(t *testing.T) {
	source := kerneltest.Source(251)
	for i, s := range depthwiseShapes() {
		for _, narrow := range []bool{true, false} {
			d := depthwiseRowS8(&source, s.channels, narrow)
			if i%4 == 3 { // sums far outside of the range of int8, and of int32
				for c := range d.Scale {
					d.Scale[c] *= []float32{1e3, 1e9}[c%2]
				}
			}
			n := s.rowLen()
			rows := [3][]int8{source.Int8s(n), source.Int8s(n), source.Int8s(n)}
			kerneltest.Check(t, fmt.Sprintf("%v narrow=%v", s, narrow), func(p *kerneltest.Place) []int8 {
				got, layer := kerneltest.Out(p, make([]int8, s.pixels*s.channels)), *d
				layer.Pairs, layer.Bias, layer.Scale = kerneltest.In(p, d.Pairs), kerneltest.In(p, d.Bias), kerneltest.In(p, d.Scale)
				if narrow {
					layer.Fours, layer.OffsetBias = kerneltest.In(p, d.Fours), kerneltest.In(p, d.OffsetBias)
				}
				layer.Run(got, kerneltest.In(p, rows[0]), kerneltest.In(p, rows[1]), kerneltest.In(p, rows[2]),
					s.pixels, s.pixelStep(), s.tapStep(), make([]int32, s.pixels*(s.channels+1)))
				return got
			})
		}
	}
}

func BenchmarkDepthwiseRowS8(b *testing.B) {
	source := kerneltest.Source(252)
	for _, s := range []depthwiseShape{{14, 1, 1, 96}, {14, 1, 1, 120}, {7, 1, 1, 192}, {14, 2, 1, 96}} {
		d := depthwiseRowS8(&source, s.channels, true)
		r0, r1, r2 := source.Int8s(s.rowLen()), source.Int8s(s.rowLen()), source.Int8s(s.rowLen())
		dst, scratch := make([]int8, s.pixels*s.channels), make([]int32, s.pixels*(s.channels+1))
		shape := fmt.Sprintf("pixels=%d/stride=%d/channels=%d", s.pixels, s.stride, s.channels)
		kerneltest.Bench(b, shape, 2*9*s.pixels*s.channels, func() {
			d.Run(dst, r0, r1, r2, s.pixels, s.pixelStep(), s.tapStep(), scratch)
		})
	}
}

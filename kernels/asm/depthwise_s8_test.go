package asm_test

import (
	"fmt"
	"testing"

	"megl-edge/kernels/asm"
	"megl-edge/kernels/internal/kerneltest"
)

// A depthwiseShape is the geometry of one call of a depthwise kernel.
type depthwiseShape struct{ pixels, stride, dilation, channels int }

func (s depthwiseShape) String() string {
	return fmt.Sprintf("pixels=%d stride=%d dilation=%d channels=%d", s.pixels, s.stride, s.dilation, s.channels)
}

func (s depthwiseShape) pixelStep() int { return s.stride * s.channels }
func (s depthwiseShape) tapStep() int   { return s.dilation * s.channels }

// rowLen is the length that the kernel needs, to the last element.
func (s depthwiseShape) rowLen() int {
	return (s.pixels-1)*s.pixelStep() + 2*s.tapStep() + s.channels
}

// depthwiseShapes covers the tails of channels and of pixels, strides, dilation,
// and the steps of zero that the contract allows.
func depthwiseShapes() []depthwiseShape {
	var shapes []depthwiseShape
	for channels := 1; channels <= 50; channels++ {
		shapes = append(shapes, depthwiseShape{1 + channels%6, 1 + channels%3, 1 + channels/3%2, channels})
	}
	for pixels := 1; pixels <= 13; pixels++ {
		shapes = append(shapes, depthwiseShape{pixels, 1, 1, 24}, depthwiseShape{pixels, 2, 1, 19})
	}
	return append(shapes, depthwiseShape{7, 0, 1, 40}, depthwiseShape{7, 1, 0, 40},
		depthwiseShape{31, 1, 1, 105}, depthwiseShape{17, 2, 3, 96})
}

// depthwiseS8Weights packs weights of both signs up to 255; missing taps and
// channels are 0.
func depthwiseS8Weights(channels int, next func() int16) []int16 {
	w := make([]int16, asm.DepthwiseS8WeightLen(channels))
	for c := range channels {
		for tap := range 9 {
			w[((c/16*5+tap/2)*16+c%16)*2+tap%2] = next()
		}
	}
	return w
}

func checkDepthwiseS8(t *testing.T, s depthwiseShape, label string, rows [3][]int8, w []int16) {
	t.Helper()
	kerneltest.Check(t, fmt.Sprintf("%v%s", s, label), func(p *kerneltest.Place) []int32 {
		got := kerneltest.Out(p, make([]int32, s.pixels*s.channels))
		asm.DepthwiseS8(got, kerneltest.In(p, rows[0]), kerneltest.In(p, rows[1]), kerneltest.In(p, rows[2]),
			s.pixels, s.pixelStep(), s.tapStep(), s.channels, kerneltest.In(p, w))
		return got
	})
}

func TestDepthwiseS8(t *testing.T) {
	source := kerneltest.Source(41)
	for _, s := range depthwiseShapes() {
		w := depthwiseS8Weights(s.channels, func() int16 { return int16(source.Intn(511) - 255) })
		n := s.rowLen()
		checkDepthwiseS8(t, s, "", [3][]int8{source.Int8s(n), source.Int8s(n), source.Int8s(n)}, w)
	}
}

// The largest products: a kernel that saturates, or adds in 16 bits, shows it
// here.
func TestDepthwiseS8Extremes(t *testing.T) {
	s := depthwiseShape{3, 1, 1, 24}
	for _, v := range []int8{-128, 127} {
		for _, weight := range []int16{-255, 255} {
			row := make([]int8, s.rowLen())
			for i := range row {
				row[i] = v
			}
			w := depthwiseS8Weights(s.channels, func() int16 { return weight })
			checkDepthwiseS8(t, s, fmt.Sprintf(" v=%d w=%d", v, weight), [3][]int8{row, row, row}, w)
		}
	}
}

// One tap and one channel at a time: each product reaches its own sum alone.
func TestDepthwiseS8TapsAndChannels(t *testing.T) {
	s := depthwiseShape{2, 1, 1, 24}
	for tap := range 9 {
		for channel := range s.channels {
			rows := [3][]int8{make([]int8, s.rowLen()), make([]int8, s.rowLen()), make([]int8, s.rowLen())}
			rows[tap/3][tap%3*s.tapStep()+channel] = 3
			w := depthwiseS8Weights(s.channels, func() int16 { return 1 })
			acc := make([]int32, s.pixels*s.channels)
			asm.DepthwiseS8(acc, rows[0], rows[1], rows[2], s.pixels, s.pixelStep(), s.tapStep(), s.channels, w)
			for c, got := range acc[:s.channels] {
				if want := map[bool]int32{true: 3}[c == channel]; got != want {
					t.Fatalf("tap %d of channel %d set: sum of channel %d is %d, want %d", tap, channel, c, got, want)
				}
			}
		}
	}
}

func BenchmarkDepthwiseS8(b *testing.B) {
	source := kerneltest.Source(42)
	for _, s := range []depthwiseShape{{14, 1, 1, 96}, {14, 1, 1, 120}, {7, 1, 1, 192}, {14, 2, 1, 96}} {
		w := depthwiseS8Weights(s.channels, func() int16 { return int16(source.Intn(255) - 127) })
		r0, r1, r2 := source.Int8s(s.rowLen()), source.Int8s(s.rowLen()), source.Int8s(s.rowLen())
		acc := make([]int32, s.pixels*s.channels)
		shape := fmt.Sprintf("pixels=%d/stride=%d/channels=%d", s.pixels, s.stride, s.channels)
		kerneltest.Bench(b, shape, 2*9*s.pixels*s.channels, func() {
			asm.DepthwiseS8(acc, r0, r1, r2, s.pixels, s.pixelStep(), s.tapStep(), s.channels, w)
		})
	}
}

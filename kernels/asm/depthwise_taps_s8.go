package asm

// MaxDepthwiseTaps is the largest kernel of the depthwise stems for any kernel:
// 7×7.
const MaxDepthwiseTaps = 49

// DepthwiseTapsS8 is an int8 depthwise convolution of any kernel with an int8
// result, ready to be computed a row of pixels at a time. Lists are padded to
// whole blocks of 16 channels.
type DepthwiseTapsS8 struct {
	Channels int
	Taps     int       // 1 to MaxDepthwiseTaps
	Pairs    []int16   // [channels/16][(Taps+1)/2][16][2]: taps in pairs, as DepthwiseS8 has them
	Bias     []int32   // added to the sums
	Scale    []float32 // see RequantizeS32S8
	Output   OutputS8
}

// Run computes a row of pixels:
//
//	dst[x·channels + c] = requantize(Σ taps[t][x·pixelStep + c]·w(t, c) + bias[c])
//
// taps[t] starts at the first pixel's tap t.
func (d *DepthwiseTapsS8) Run(dst []int8, taps [][]int8, pixels, pixelStep int) {
	if pixels == 0 || d.Channels == 0 {
		return
	}
	if pixels < 0 || d.Channels < 0 || pixelStep < 0 || d.Taps < 1 || d.Taps > MaxDepthwiseTaps || len(taps) != d.Taps {
		panic("asm: DepthwiseTapsS8: bad shape")
	}
	for _, tap := range taps {
		_ = tap[(pixels-1)*pixelStep+d.Channels-1]
	}
	padded := (d.Channels + DepthwiseS8Block - 1) / DepthwiseS8Block * DepthwiseS8Block
	_, _ = dst[pixels*d.Channels-1], d.Pairs[(d.Taps+1)/2*2*padded-1]
	_, _ = d.Bias[padded-1], d.Scale[padded-1]
	d.run(dst, taps, pixels, pixelStep)
}

// runFrom is the reference for the channels from first on.
func (d *DepthwiseTapsS8) runFrom(first int, dst []int8, taps [][]int8, pixels, pixelStep int) {
	for x := range pixels {
		for c := first; c < d.Channels; c++ {
			weights := d.Pairs[c/DepthwiseS8Block*((d.Taps+1)/2)*2*DepthwiseS8Block+c%DepthwiseS8Block*2:]
			sum := d.Bias[c]
			for t, tap := range taps {
				sum += int32(tap[x*pixelStep+c]) * int32(weights[t/2*2*DepthwiseS8Block+t%2])
			}
			dst[x*d.Channels+c] = d.Output.Quantize(float32(sum) * d.Scale[c])
		}
	}
}

package asm

// The int8 depthwise convolutions for processors without assembly: a block of
// channels and two taps at a time, so that neither bounds nor taps are looked up
// for each product.

// depthwiseS8Portable is depthwiseS8From for all channels.
func depthwiseS8Portable(acc []int32, r0, r1, r2 []int8, pixels, pixelStep, tapStep, channels int, w []int16) {
	rows := [3][]int8{r0, r1, r2}
	whole := channels / DepthwiseS8Block * DepthwiseS8Block
	for x := range pixels {
		for c := 0; c < whole; c += DepthwiseS8Block {
			at := func(tap int) *[DepthwiseS8Block]int8 {
				return (*[DepthwiseS8Block]int8)(rows[tap/3][x*pixelStep+tap%3*tapStep+c:])
			}
			sums, weights := (*[DepthwiseS8Block]int32)(acc[x*channels+c:]), w[10*c:]
			clear(sums[:])
			for tap := 0; tap < 9; tap += 2 {
				// The last tap is its own partner, whose weights are 0.
				addTapsS8(sums, at(tap), at(min(tap+1, 8)), (*[2 * DepthwiseS8Block]int16)(weights[tap*DepthwiseS8Block:]))
			}
		}
	}
	depthwiseS8From(whole, acc, r0, r1, r2, pixels, pixelStep, tapStep, channels, w)
}

// runPortable is runFrom for all channels.
func (d *DepthwiseTapsS8) runPortable(dst []int8, taps [][]int8, pixels, pixelStep int) {
	whole := d.Channels / DepthwiseS8Block * DepthwiseS8Block
	for x := range pixels {
		for c := 0; c < whole; c += DepthwiseS8Block {
			at := func(tap int) *[DepthwiseS8Block]int8 { return (*[DepthwiseS8Block]int8)(taps[tap][x*pixelStep+c:]) }
			sums, weights := [DepthwiseS8Block]int32(d.Bias[c:]), d.Pairs[(d.Taps+1)/2*2*c:]
			for tap := 0; tap < d.Taps; tap += 2 {
				addTapsS8(&sums, at(tap), at(min(tap+1, d.Taps-1)), (*[2 * DepthwiseS8Block]int16)(weights[tap*DepthwiseS8Block:]))
			}
			to, scale := (*[DepthwiseS8Block]int8)(dst[x*d.Channels+c:]), (*[DepthwiseS8Block]float32)(d.Scale[c:])
			out := d.Output
			for i := range to {
				to[i] = out.Quantize(float32(sums[i]) * scale[i])
			}
		}
	}
	d.runFrom(whole, dst, taps, pixels, pixelStep)
}

// addTapsS8 adds the products of two taps. It is a call of its own because the
// loop needs all registers of a 32-bit processor.
//
//go:noinline
func addTapsS8(sums *[DepthwiseS8Block]int32, u, v *[DepthwiseS8Block]int8, w *[2 * DepthwiseS8Block]int16) {
	for i := range sums {
		sums[i] += int32(u[i])*int32(w[2*i]) + int32(v[i])*int32(w[2*i+1])
	}
}

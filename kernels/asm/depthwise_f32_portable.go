package asm

// The float32 depthwise convolutions for processors without assembly: a block of
// channels and one tap at a time.

// depthwiseF32Portable is depthwiseF32From for all channels.
func depthwiseF32Portable(dst, bias, r0, r1, r2 []float32, pixels, pixelStep, tapStep, channels int, w []float32) {
	rows := [3][]float32{r0, r1, r2}
	whole := channels / DepthwiseF32Block * DepthwiseF32Block
	for x := range pixels {
		for c := 0; c < whole; c += DepthwiseF32Block {
			sums, weights := (*[DepthwiseF32Block]float32)(dst[x*channels+c:]), w[9*c:]
			copy(sums[:], bias[c:])
			for tap := range 9 {
				addTapF32(sums, (*[DepthwiseF32Block]float32)(rows[tap/3][x*pixelStep+tap%3*tapStep+c:]), (*[DepthwiseF32Block]float32)(weights[tap*DepthwiseF32Block:]))
			}
		}
	}
	depthwiseF32From(whole, dst, bias, r0, r1, r2, pixels, pixelStep, tapStep, channels, w)
}

// depthwiseTapsF32Portable is depthwiseTapsF32From for all channels.
func depthwiseTapsF32Portable(dst, bias []float32, taps [][]float32, pixels, pixelStep, channels int, w []float32) {
	whole := channels / DepthwiseF32Block * DepthwiseF32Block
	for x := range pixels {
		for c := 0; c < whole; c += DepthwiseF32Block {
			sums, weights := (*[DepthwiseF32Block]float32)(dst[x*channels+c:]), w[len(taps)*c:]
			copy(sums[:], bias[c:])
			for t, tap := range taps {
				addTapF32(sums, (*[DepthwiseF32Block]float32)(tap[x*pixelStep+c:]), (*[DepthwiseF32Block]float32)(weights[t*DepthwiseF32Block:]))
			}
		}
	}
	depthwiseTapsF32From(whole, dst, bias, taps, pixels, pixelStep, channels, w)
}

// addTapF32 adds the products of one tap, each fused.
func addTapF32(sums, v, w *[DepthwiseF32Block]float32) {
	for i := range sums {
		sum := sumF64(v[i], w[i], sums[i])
		if doubtful(sum) {
			sums[i] = fmaF32Ref(v[i], w[i], sums[i])
			continue
		}
		sums[i] = float32(sum)
	}
}

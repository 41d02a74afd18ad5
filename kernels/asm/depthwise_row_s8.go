package asm

// DepthwiseRowS8 is a 3×3 int8 depthwise convolution with an int8 result, ready
// to be computed a row of pixels at a time. Lists are padded to whole blocks of
// 16 channels.
type DepthwiseRowS8 struct {
	Channels int
	Pairs    []int16   // the weights as DepthwiseS8 takes them
	Bias     []int32   // added to the sums
	Scale    []float32 // see RequantizeS32S8
	Output   OutputS8
	// Fours holds the weights a second time, [channels/16][3][16][4]: for each
	// column of taps the ones of its three rows, and 0. It is nil where one does
	// not fit int8. OffsetBias is the bias less 128 times the sum of the weights.
	Fours      []int8
	OffsetBias []int32
}

// Run computes a row of pixels:
//
//	dst[x·channels + c] = requantize(Σ rows[dy][x·pixelStep + dx·tapStep + c]·w(dy·3+dx, c) + bias[c])
//
//	r0, r1, r2  the three input rows, from the first pixel's leftmost tap
//	scratch     [pixels × (channels + 1)]
func (d *DepthwiseRowS8) Run(dst, r0, r1, r2 []int8, pixels, pixelStep, tapStep int, scratch []int32) {
	if pixels == 0 || d.Channels == 0 {
		return
	}
	if pixels < 0 || d.Channels < 0 || pixelStep < 0 || tapStep < 0 {
		panic("asm: DepthwiseRowS8: bad shape")
	}
	last := (pixels-1)*pixelStep + 2*tapStep + d.Channels - 1
	_, _, _ = r0[last], r1[last], r2[last]
	_, _ = dst[pixels*d.Channels-1], scratch[pixels*(d.Channels+1)-1]
	padded := (d.Channels + DepthwiseS8Block - 1) / DepthwiseS8Block * DepthwiseS8Block
	_, _, _ = d.Pairs[DepthwiseS8WeightLen(d.Channels)-1], d.Bias[padded-1], d.Scale[padded-1]
	if d.Fours != nil {
		_, _ = d.Fours[12*padded-1], d.OffsetBias[padded-1]
	}
	d.run(dst, r0, r1, r2, pixels, pixelStep, tapStep, scratch)
}

// runInSteps computes the sums of the row first, then its values.
func (d *DepthwiseRowS8) runInSteps(dst, r0, r1, r2 []int8, pixels, pixelStep, tapStep int, scratch []int32) {
	n := d.Channels
	sums, none := scratch[:pixels*n], scratch[pixels*n:][:pixels]
	clear(none)
	DepthwiseS8(sums, r0, r1, r2, pixels, pixelStep, tapStep, n, d.Pairs)
	RequantizeS32S8(dst, n, sums, n, none, d.Bias, d.Scale, pixels, n, d.Output)
}

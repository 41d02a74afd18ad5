//go:build (amd64 || arm64) && !purego

package asm

// depthwiseTapsArgs is what the kernel reads. The vectors are operands.
type depthwiseTapsArgs struct {
	dst        *int8
	taps       [MaxDepthwiseTaps + 1]*int8 // a last tap without partner comes twice
	pairs      int                         // of taps
	pixels     int
	pixelStep  int
	dstStep    int
	channels   int // a multiple of 16
	w          *int16
	bias       *int32
	scale      *float32
	hi         [8]float32 // upper bound before the zero point is added
	zeroPoints [16]int16
	least      [16]int8 // lower bound
}

//go:noescape
func depthwiseTapsS8SIMD(args *depthwiseTapsArgs)

func (d *DepthwiseTapsS8) run(dst []int8, taps [][]int8, pixels, pixelStep int) {
	n := d.Channels &^ (DepthwiseS8Block - 1)
	if level == Ref || n == 0 {
		d.runPortable(dst, taps, pixels, pixelStep)
		return
	}
	args := depthwiseTapsArgs{
		dst: &dst[0], pairs: (d.Taps + 1) / 2, pixels: pixels, pixelStep: pixelStep, dstStep: d.Channels, channels: n,
		w: &d.Pairs[0], bias: &d.Bias[0], scale: &d.Scale[0],
	}
	for t, tap := range taps {
		args.taps[t] = &tap[0]
	}
	if d.Taps%2 != 0 {
		args.taps[d.Taps] = args.taps[d.Taps-1]
	}
	_, hi := d.Output.bounds()
	for i := range args.hi {
		args.hi[i] = hi
	}
	for i := range args.least {
		args.zeroPoints[i], args.least[i] = int16(d.Output.ZeroPoint), d.Output.Min
	}
	depthwiseTapsS8SIMD(&args)
	d.runFrom(n, dst, taps, pixels, pixelStep)
}

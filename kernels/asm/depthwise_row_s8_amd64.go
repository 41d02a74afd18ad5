//go:build !purego

package asm

import "unsafe"

// depthwiseRowArgs is what the kernels read. The vectors are operands.
type depthwiseRowArgs struct {
	dst        *int8
	r0, r1, r2 *int8
	pixels     int
	pixelStep  int
	tapStep    int
	channels   int
	w          unsafe.Pointer
	bias       *int32
	scale      *float32
	lo         int32 // lower bound before the zero point is added
	zeroPoint  int32
	hi         [8]float32 // upper bound before the zero point is added
	zeroPoints [16]int16
	least      [16]int8 // lower bound
}

// channels is a multiple of 16.
//
//go:noescape
func depthwiseRowS8AVX2(args *depthwiseRowArgs)

//go:noescape
func depthwiseRowS8VNNI(args *depthwiseRowArgs)

func (d *DepthwiseRowS8) run(dst, r0, r1, r2 []int8, pixels, pixelStep, tapStep int, scratch []int32) {
	fours := level >= VNNI && d.Fours != nil
	if !fours && (level < AVX2 || d.Channels%DepthwiseS8Block != 0) {
		d.runInSteps(dst, r0, r1, r2, pixels, pixelStep, tapStep, scratch)
		return
	}
	args := depthwiseRowArgs{
		dst: &dst[0], r0: &r0[0], r1: &r1[0], r2: &r2[0],
		pixels: pixels, pixelStep: pixelStep, tapStep: tapStep, channels: d.Channels,
		scale: &d.Scale[0], zeroPoint: d.Output.ZeroPoint,
	}
	lo, hi := d.Output.bounds()
	args.lo = int32(lo)
	for i := range args.hi {
		args.hi[i] = hi
	}
	if fours {
		args.w, args.bias = unsafe.Pointer(&d.Fours[0]), &d.OffsetBias[0]
		depthwiseRowS8VNNI(&args)
		return
	}
	for i := range args.least {
		args.zeroPoints[i], args.least[i] = int16(d.Output.ZeroPoint), d.Output.Min
	}
	args.w, args.bias = unsafe.Pointer(&d.Pairs[0]), &d.Bias[0]
	depthwiseRowS8AVX2(&args)
}

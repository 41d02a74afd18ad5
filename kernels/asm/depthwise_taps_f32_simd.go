//go:build (amd64 || arm64) && !purego

package asm

// depthwiseTapsF32Args is what the kernel reads.
type depthwiseTapsF32Args struct {
	dst       *float32
	taps      [MaxDepthwiseTaps]*float32
	count     int // of taps
	pixels    int
	pixelStep int // bytes
	dstStep   int // bytes
	channels  int // bytes, a multiple of 32
	w         *float32
	bias      *float32
}

//go:noescape
func depthwiseTapsF32SIMD(args *depthwiseTapsF32Args)

func depthwiseTapsF32(dst, bias []float32, taps [][]float32, pixels, pixelStep, channels int, w []float32) {
	n := channels &^ (DepthwiseF32Block - 1)
	if level == Ref || n == 0 {
		depthwiseTapsF32Portable(dst, bias, taps, pixels, pixelStep, channels, w)
		return
	}
	args := depthwiseTapsF32Args{
		dst: &dst[0], count: len(taps), pixels: pixels, pixelStep: 4 * pixelStep, dstStep: 4 * channels, channels: 4 * n,
		w: &w[0], bias: &bias[0],
	}
	for t, tap := range taps {
		args.taps[t] = &tap[0]
	}
	depthwiseTapsF32SIMD(&args)
	depthwiseTapsF32From(n, dst, bias, taps, pixels, pixelStep, channels, w)
}

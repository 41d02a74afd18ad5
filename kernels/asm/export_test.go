package asm

// The definitions that have tuned versions in pure Go: tests hold these against
// them.
var (
	FMAF32Ref            = fmaF32Ref
	GemmS8Ref            = gemmS8Ref
	GemmF32Ref           = gemmF32Ref
	DepthwiseS8From      = depthwiseS8From
	DepthwiseF32From     = depthwiseF32From
	DepthwiseTapsF32From = depthwiseTapsF32From
)

// RunFrom is the definition of Run.
func (d *DepthwiseTapsS8) RunFrom(first int, dst []int8, taps [][]int8, pixels, pixelStep int) {
	d.runFrom(first, dst, taps, pixels, pixelStep)
}

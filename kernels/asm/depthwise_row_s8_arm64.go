//go:build !purego

package asm

func (d *DepthwiseRowS8) run(dst, r0, r1, r2 []int8, pixels, pixelStep, tapStep int, scratch []int32) {
	d.runInSteps(dst, r0, r1, r2, pixels, pixelStep, tapStep, scratch)
}

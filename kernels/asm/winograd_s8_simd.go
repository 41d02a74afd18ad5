//go:build (amd64 || arm64) && !purego

package asm

// channels is a multiple of 16 and at least 16; pixels are pixelStep bytes apart.
//
//go:noescape
func winogradInputS8SIMD(v *int16, strideV, strideTile int, src *int8, line, tiles, channels, pixelStep int)

// winogradOutputArgs is what the kernel reads. The vectors are operands.
type winogradOutputArgs struct {
	dst        [4]*int8
	sums       *int32
	stride     int // bytes
	bias       *int32
	scale      *float32
	hi         [8]float32 // upper bound before the zero point is added
	zeroPoints [16]int16
	least      [16]int8 // lower bound
}

//go:noescape
func winogradOutputS8SIMD(args *winogradOutputArgs)

func winogradInputS8(v []int16, strideV, strideTile int, src []int8, line, tiles, channels int) {
	var n int // channels that fill vectors
	if level > Ref && channels >= 16 {
		n = channels &^ 15
		winogradInputS8SIMD(&v[0], strideV, strideTile, &src[0], line, tiles, n, channels)
	}
	winogradInputS8From(n, v, strideV, strideTile, src, line, tiles, channels)
}

func winogradOutputS8(dst *[4][]int8, sums []int32, stride int, bias []int32, scale []float32, out OutputS8) {
	if level == Ref {
		winogradOutputS8Ref(dst, sums, stride, bias, scale, out)
		return
	}
	args := winogradOutputArgs{sums: &sums[0], stride: 4 * stride, bias: &bias[0], scale: &scale[0]}
	for i, to := range dst {
		args.dst[i] = &to[0]
	}
	_, hi := out.bounds()
	for i := range args.hi {
		args.hi[i] = hi
	}
	for i := range args.least {
		args.zeroPoints[i], args.least[i] = int16(out.ZeroPoint), out.Min
	}
	winogradOutputS8SIMD(&args)
}

func winogradFast() bool { return level > Ref }

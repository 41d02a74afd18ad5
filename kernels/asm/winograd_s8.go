package asm

// The transforms of Winograd's F(2×2, 3×3) for int8 (Lavin and Gray, "Fast
// Algorithms for Convolutional Neural Networks", CVPR 2016): four outputs of a
// 3×3 convolution from a 4×4 patch with 16 products instead of 36. In integers it
// is exact, since the weights are transformed with four times the fractions.

// WinogradS8Products is the number of products for four outputs.
const WinogradS8Products = 16

// WinogradInputS8 transforms a row of overlapping 4×4 patches d, each two pixels
// to the right of the one before, to Bᵀ·d·B, with
//
//	Bᵀ = ⎡1  0 −1  0⎤
//	     ⎢0  1  1  0⎥
//	     ⎢0 −1  1  0⎥
//	     ⎣0  1  0 −1⎦
//
//	v    [16][tiles][…] int16: element (i, j) of tile t, channel c, goes to
//	     v[(4·i + j)·strideV + t·strideTile + c]; its magnitude is at most 512
//	src  int8: pixel (y, x), channel c, of the patches at src[y·line + x·channels + c]
func WinogradInputS8(v []int16, strideV, strideTile int, src []int8, line, tiles, channels int) {
	if tiles == 0 || channels == 0 {
		return
	}
	if tiles < 0 || channels < 0 || line < 0 || strideTile < channels || strideV < (tiles-1)*strideTile+channels {
		panic("asm: WinogradInputS8: bad shape")
	}
	_ = v[15*strideV+(tiles-1)*strideTile+channels-1]
	_ = src[3*line+(2*tiles+2)*channels-1]
	winogradInputS8(v, strideV, strideTile, src, line, tiles, channels)
}

// winogradInputS8From is the reference for the channels from first on.
func winogradInputS8From(first int, v []int16, strideV, strideTile int, src []int8, line, tiles, channels int) {
	for t := range tiles {
		for c := first; c < channels; c++ {
			var rows [4][4]int16 // Bᵀ·d
			for x := range 4 {
				at := (2*t+x)*channels + c
				d0, d1, d2, d3 := int16(src[at]), int16(src[line+at]), int16(src[2*line+at]), int16(src[3*line+at])
				rows[0][x], rows[1][x], rows[2][x], rows[3][x] = d0-d2, d1+d2, d2-d1, d1-d3
			}
			for i, r := range rows {
				to := v[4*i*strideV+t*strideTile+c:]
				to[0], to[strideV], to[2*strideV], to[3*strideV] = r[0]-r[2], r[1]+r[2], r[2]-r[1], r[1]-r[3]
			}
		}
	}
}

// WinogradOutputS8 transforms the 16 sums m of a patch back, for 16 columns, and
// rounds the four results:
//
//	y = (Aᵀ·m·A)/4,   Aᵀ = ⎡1 1  1  0⎤
//	                       ⎣0 1 −1 −1⎦
//	dst[2·i + k][j] = requantize(y[i][k] + bias[j])
//
//	sums   element (i, j) of column c at sums[(4·i + j)·stride + c]; the sums are
//	       such that the division leaves nothing
//	bias   [16] int32
//	scale  [16] float32, finite; see [RequantizeS32S8]
//	dst    four times 16 values
func WinogradOutputS8(dst *[4][]int8, sums []int32, stride int, bias []int32, scale []float32, out OutputS8) {
	if stride < GemmS8Cols {
		panic("asm: WinogradOutputS8: bad shape")
	}
	_, _, _ = sums[15*stride+GemmS8Cols-1], bias[GemmS8Cols-1], scale[GemmS8Cols-1]
	for _, to := range dst {
		_ = to[GemmS8Cols-1]
	}
	winogradOutputS8(dst, sums, stride, bias, scale, out)
}

func winogradOutputS8Ref(dst *[4][]int8, sums []int32, stride int, bias []int32, scale []float32, out OutputS8) {
	for c := range GemmS8Cols {
		var rows [2][4]int32 // Aᵀ·m
		for x := range 4 {
			at := x*stride + c
			m0, m1, m2, m3 := sums[at], sums[4*stride+at], sums[8*stride+at], sums[12*stride+at]
			rows[0][x], rows[1][x] = m0+m1+m2, m1-m2-m3
		}
		for i, r := range rows {
			for k, y := range [2]int32{r[0] + r[1] + r[2], r[1] - r[2] - r[3]} {
				dst[2*i+k][c] = out.Quantize(float32(y>>2+bias[c]) * scale[c])
			}
		}
	}
}

// WinogradPays tells whether products of int16 run as fast as those of int8 at
// the level in use, for such weights.
func WinogradPays(weights WeightsS8) bool { return BestFormS8(weights) == FormPairs && winogradFast() }

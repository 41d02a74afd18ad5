package asm

import "math"

// OutputS8 says how real values become int8: the zero point, and the range that
// is left after the activation, Min ≤ Max.
type OutputS8 struct {
	ZeroPoint int32 // −128 to 127
	Min, Max  int8
}

// Quantize rounds t, a value in units of the output scale, to nearest even,
// adds the zero point and clamps. What lies far outside is clamped before it is
// converted: processors differ on what overflow gives.
func (o OutputS8) Quantize(t float32) int8 {
	const far = 1 << 21 // outside of all bounds, and seldom met
	if !(t > -far) {
		return o.Min
	}
	if t > far {
		return o.Max
	}
	// Beside 1.5·2²³ a float32 has no fraction: the sum is rounded half to even,
	// and its low bits are the integer.
	const whole, wholeBits = 3 << 22, 0x4b400000
	q := int32(math.Float32bits(float32(t)+whole)) - wholeBits + o.ZeroPoint
	return int8(min(max(q, int32(o.Min)), int32(o.Max)))
}

// RequantizeS32S8 turns the int32 sums of a matrix product into int8 values:
//
//	for i < rows, j < cols:
//	    t = float32(acc[i·lda + j] + bias[j] + addend[i]) · scale[j]
//	    dst[i·ldd + j] = clamp(roundToEven(t) + zeroPoint, min, max)
//
//	acc     [rows × cols] int32, rows lda elements apart
//	addend  [rows] int32, what a row's zero-point correction adds (see package kernels)
//	bias    [cols] int32
//	scale   [cols] float32, finite: input scale · weight scale / output scale
//	dst     [rows × cols] int8, rows ldd elements apart
//
// The additions wrap modulo 2³²; the conversion to float32 rounds to nearest
// even and the product is rounded once, never fused.
func RequantizeS32S8(dst []int8, ldd int, acc []int32, lda int, addend, bias []int32, scale []float32, rows, cols int, out OutputS8) {
	if rows == 0 || cols == 0 {
		return
	}
	if rows < 0 || cols < 0 || lda < cols || ldd < cols {
		panic("asm: RequantizeS32S8: bad shape")
	}
	_ = dst[(rows-1)*ldd+cols-1]
	_ = acc[(rows-1)*lda+cols-1]
	_, _, _ = addend[rows-1], bias[cols-1], scale[cols-1]
	requantizeS32S8(dst, ldd, acc, lda, addend, bias, scale, rows, cols, out)
}

func requantizeS32S8Ref(dst []int8, ldd int, acc []int32, lda int, addend, bias []int32, scale []float32, rows, cols int, out OutputS8) {
	bias, scale = bias[:cols], scale[:cols]
	for i := range rows {
		row, add := dst[i*ldd:][:cols], addend[i]
		for j, sum := range acc[i*lda:][:cols] {
			row[j] = out.Quantize(float32(sum+bias[j]+add) * scale[j])
		}
	}
}

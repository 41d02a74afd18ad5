package asm

import "math"

// OutputS8 says how real values become int8: the zero point, and the range that
// is left after the activation, Min ≤ Max.
type OutputS8 struct {
	ZeroPoint int32 // −128 to 127
	Min, Max  int8
}

// bounds returns Min and Max as they are before the zero point is added.
func (o OutputS8) bounds() (lo, hi float32) {
	return float32(int32(o.Min) - o.ZeroPoint), float32(int32(o.Max) - o.ZeroPoint)
}

// Quantize rounds t, a value in units of the output scale, to nearest even,
// adds the zero point and clamps. Clamping first changes nothing, since the
// bounds are integers, and keeps the conversion in range: processors differ on
// what overflow gives.
func (o OutputS8) Quantize(t float32) int8 {
	lo, hi := o.bounds()
	if !(t > lo) {
		t = lo
	}
	if !(t < hi) {
		t = hi
	}
	// Beside 1.5·2²³ a float32 has no fraction: the sum is rounded half to even,
	// and its low bits are the integer.
	const whole = 3 << 22
	return int8(int32(math.Float32bits(t+whole)) + o.ZeroPoint)
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
	for i := range rows {
		for j, sum := range acc[i*lda:][:cols] {
			dst[i*ldd+j] = out.Quantize(float32(sum+bias[j]+addend[i]) * scale[j])
		}
	}
}

package asm

// QuantizeF32S8 is `for i, v := range src { dst[i] = out.Quantize(v / scale) }`:
// the quotient is rounded, then the result, see [OutputS8.Quantize]. dst is at
// least as long as src, scale positive.
func QuantizeF32S8(dst []int8, src []float32, scale float32, out OutputS8) {
	if len(src) == 0 {
		return
	}
	quantizeF32S8(dst[:len(src)], src, scale, out)
}

func quantizeF32S8Ref(dst []int8, src []float32, scale float32, out OutputS8) {
	for i, v := range src {
		dst[i] = out.Quantize(v / scale)
	}
}

// DequantizeS8F32 is `for i, v := range src { dst[i] = float32(v − zeroPoint)·scale }`.
// dst is at least as long as src.
func DequantizeS8F32(dst []float32, src []int8, scale float32, zeroPoint int32) {
	if len(src) == 0 {
		return
	}
	dequantizeS8F32(dst[:len(src)], src, scale, zeroPoint)
}

func dequantizeS8F32Ref(dst []float32, src []int8, scale float32, zeroPoint int32) {
	for i, v := range src {
		dst[i] = float32(int32(v)-zeroPoint) * scale
	}
}

package asm

// ClampGradF32 lets an adjoint pass where a value lies within a range:
//
//	for i := range dst { if y[i] > lo && y[i] < hi { dst[i] = dy[i] } else { dst[i] = 0 } }
//
// dy and y are at least as long as dst; dst may be dy or y.
func ClampGradF32(dst, dy, y []float32, lo, hi float32) {
	if len(dst) == 0 {
		return
	}
	clampGradF32(dst, dy[:len(dst)], y[:len(dst)], lo, hi)
}

func clampGradF32Ref(dst, dy, y []float32, lo, hi float32) {
	for i, v := range y {
		d := dy[i]
		if !(v > lo && v < hi) {
			d = 0
		}
		dst[i] = d
	}
}

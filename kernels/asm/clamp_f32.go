package asm

// ClampF32 limits every element of x to lo…hi in place: ReLU is (0, +Inf),
// ReLU6 is (0, 6).
//
//	if !(x[i] > lo) { x[i] = lo }; if !(x[i] < hi) { x[i] = hi }
//
// NaN therefore becomes lo, and −0 becomes the +0 of a lower bound of +0.
func ClampF32(x []float32, lo, hi float32) {
	if len(x) == 0 {
		return
	}
	clampF32(x, lo, hi)
}

func clampF32Ref(x []float32, lo, hi float32) {
	for i, v := range x {
		if !(v > lo) {
			v = lo
		}
		if !(v < hi) {
			v = hi
		}
		x[i] = v
	}
}

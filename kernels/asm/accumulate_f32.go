package asm

// AccumulateF32 is `for i, v := range src { acc[i] += v }`, the inner loop of
// average pooling: an addition in place. acc is at least as long as src.
func AccumulateF32(acc, src []float32) {
	AddF32(acc[:len(src)], acc[:len(src)], src)
}

package asm

// AccumulateF32 is `for i, v := range src { acc[i] += v }`, the inner loop of
// average pooling. acc is at least as long as src.
func AccumulateF32(acc, src []float32) {
	if len(src) == 0 {
		return
	}
	accumulateF32(acc[:len(src)], src)
}

func accumulateF32Ref(acc, src []float32) {
	for i, v := range src {
		acc[i] += v
	}
}

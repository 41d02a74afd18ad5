package asm

// AccumulateS8 is `for i, v := range src { acc[i] += int32(v) }`, the inner
// loop of average pooling: one pixel's channels are added to the window's sums.
// acc is at least as long as src.
func AccumulateS8(acc []int32, src []int8) {
	if len(src) == 0 {
		return
	}
	accumulateS8(acc[:len(src)], src)
}

func accumulateS8Ref(acc []int32, src []int8) {
	for i, v := range src {
		acc[i] += int32(v)
	}
}

package asm

// WidenS8S16 is `for i, v := range src { dst[i] = int16(v) }`. dst must be at
// least as long as src.
func WidenS8S16(dst []int16, src []int8) {
	if len(src) == 0 {
		return
	}
	widenS8S16(dst[:len(src)], src)
}

func widenS8S16Ref(dst []int16, src []int8) {
	for i, v := range src {
		dst[i] = int16(v)
	}
}

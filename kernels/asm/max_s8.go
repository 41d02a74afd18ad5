package asm

// MaxS8 is `for i, v := range src { dst[i] = max(dst[i], v) }`, the inner loop
// of maximum pooling. dst is at least as long as src.
func MaxS8(dst, src []int8) {
	if len(src) == 0 {
		return
	}
	maxS8(dst[:len(src)], src)
}

func maxS8Ref(dst, src []int8) {
	for i, v := range src {
		dst[i] = max(dst[i], v)
	}
}

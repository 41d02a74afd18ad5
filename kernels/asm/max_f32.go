package asm

// MaxF32 is the inner loop of maximum pooling:
//
//	for i, v := range src { if v > dst[i] { dst[i] = v } }
//
// dst is at least as long as src. Of two zeros the first one stays.
func MaxF32(dst, src []float32) {
	if len(src) == 0 {
		return
	}
	maxF32(dst[:len(src)], src)
}

func maxF32Ref(dst, src []float32) {
	for i, v := range src {
		if v > dst[i] {
			dst[i] = v
		}
	}
}

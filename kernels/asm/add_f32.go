package asm

// AddF32 is `for i := range dst { dst[i] = a[i] + b[i] }`. a and b are as long
// as dst; dst may be a or b.
func AddF32(dst, a, b []float32) {
	if len(dst) == 0 {
		return
	}
	addF32(dst, a[:len(dst)], b[:len(dst)])
}

func addF32Ref(dst, a, b []float32) {
	for i := range dst {
		dst[i] = a[i] + b[i]
	}
}

package asm

// FlipS8 is `for i, v := range src { dst[i] = byte(v) + 128 }`: int8 values as
// unsigned ones, for instructions that multiply unsigned by signed. dst is at
// least as long as src and may be the same memory.
func FlipS8(dst []byte, src []int8) {
	if len(src) == 0 {
		return
	}
	flipS8(dst[:len(src)], src)
}

func flipS8Ref(dst []byte, src []int8) {
	for i, v := range src {
		dst[i] = byte(v) ^ 0x80
	}
}

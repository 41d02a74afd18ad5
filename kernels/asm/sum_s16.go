package asm

// SumS16 returns the sum of the elements modulo 2³²: what the zero point of the
// weights multiplies in an integer matrix product.
func SumS16(src []int16) int32 {
	if len(src) == 0 {
		return 0
	}
	return sumS16(src)
}

func sumS16Ref(src []int16) int32 {
	var sum int32
	for _, v := range src {
		sum += int32(v)
	}
	return sum
}

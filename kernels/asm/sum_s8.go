package asm

// SumS8 returns the sum of the elements modulo 2³²: what the zero point of the
// weights multiplies in an integer matrix product.
func SumS8(src []int8) int32 {
	if len(src) == 0 {
		return 0
	}
	return sumS8(src)
}

func sumS8Ref(src []int8) int32 {
	var sum int32
	for _, v := range src {
		sum += int32(v)
	}
	return sum
}

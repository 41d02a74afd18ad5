package asm

// InterleaveS8 packs rows of a matrix into panels, see [FormS8]: the values that
// step rows have in one column come to lie side by side.
//
//	for panel < panels, j < 16, p < step:
//	    dst[panel·strideDst + j·step + p] = src[p·strideSrc + panel·16 + j]
//
// step is 2, 4 or 8; rows have panels·16 values.
func InterleaveS8(dst []int8, strideDst int, src []int8, strideSrc, panels, step int) {
	if panels == 0 {
		return
	}
	if step != 2 && step != 4 && step != 8 || strideSrc < panels*GemmS8Cols || strideDst < GemmS8Cols*step {
		panic("asm: InterleaveS8: bad shape")
	}
	_, _ = dst[(panels-1)*strideDst+GemmS8Cols*step-1], src[(step-1)*strideSrc+panels*GemmS8Cols-1]
	interleaveS8(dst, strideDst, src, strideSrc, panels, step)
}

func interleaveS8Ref(dst []int8, strideDst int, src []int8, strideSrc, panels, step int) {
	for panel := range panels {
		to := dst[panel*strideDst:][:GemmS8Cols*step]
		for p := range step {
			for j, v := range src[p*strideSrc+panel*GemmS8Cols:][:GemmS8Cols] {
				to[j*step+p] = v
			}
		}
	}
}

//go:build (amd64 || arm64) && !purego

package asm

// n is a multiple of 8 and at least 8.
//
//go:noescape
func accumulateS8SIMD(acc *int32, src *int8, n int)

func accumulateS8(acc []int32, src []int8) {
	var n int // elements that fill vectors
	if level > Ref && len(src) >= 8 {
		n = len(src) &^ 7
		accumulateS8SIMD(&acc[0], &src[0], n)
	}
	accumulateS8Ref(acc[n:], src[n:])
}

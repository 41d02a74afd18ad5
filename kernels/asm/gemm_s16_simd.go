//go:build (amd64 || arm64) && !purego

package asm

//go:noescape
func gemmS16SIMD(c *int32, ldc int, a *int16, lda int, b *int16, m, k int)

func gemmS16(c []int32, ldc int, a []int16, lda int, b []int16, m, k int) {
	switch {
	case level > Ref:
		gemmS16SIMD(&c[0], ldc, &a[0], lda, &b[0], m, k)
	default:
		gemmS16Ref(c, ldc, a, lda, b, m, k)
	}
}

//go:build !purego

package asm

//go:noescape
func gemmS8NEON(c *int32, ldc int, a *int16, lda int, b *int8, m, k int)

func gemmS8(c []int32, ldc int, a []int16, lda int, b []int8, m, k int) {
	switch {
	case level >= NEON:
		gemmS8NEON(&c[0], ldc, &a[0], lda, &b[0], m, k)
	default:
		gemmS8Portable(c, ldc, a, lda, b, m, k)
	}
}

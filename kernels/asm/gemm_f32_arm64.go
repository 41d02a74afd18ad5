//go:build !purego

package asm

//go:noescape
func gemmF32NEON(c *float32, ldc int, start *float32, lds int, a *float32, lda int, b *float32, m, k int)

func gemmF32(c []float32, ldc int, start []float32, lds int, a []float32, lda int, b []float32, m, k int) {
	switch {
	case level >= NEON:
		gemmF32NEON(&c[0], ldc, &start[0], lds, &a[0], lda, &b[0], m, k)
	default:
		gemmF32Portable(c, ldc, start, lds, a, lda, b, m, k)
	}
}

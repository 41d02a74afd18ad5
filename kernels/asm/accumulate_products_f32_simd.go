//go:build (amd64 || arm64) && !purego

package asm

// n is a multiple of 8 and at least 8; rows is at least 1.
//
//go:noescape
func accumulateProductsF32SIMD(acc, a *float32, lda int, b *float32, ldb, rows, n int)

func accumulateProductsF32(acc, a []float32, lda int, b []float32, ldb, rows int) {
	switch n := len(acc); {
	case level > Ref && n >= 8:
		accumulateProductsF32SIMD(&acc[0], &a[0], lda, &b[0], ldb, rows, n&^7)
		if n%8 != 0 {
			accumulateProductsF32From(n&^7, acc, a, lda, b, ldb, rows)
		}
	default:
		accumulateProductsF32Ref(acc, a, lda, b, ldb, rows)
	}
}

//go:build !amd64 || purego

package asm

// The stems that have no NEON assembly yet run their references on arm64 too.

func transposeF32(dst []float32, ldd int, src []float32, lds, rows, cols int) {
	transposeF32Ref(dst, ldd, src, lds, rows, cols)
}

func accumulateProductsF32(acc, a []float32, lda int, b []float32, ldb, rows int) {
	accumulateProductsF32Ref(acc, a, lda, b, ldb, rows)
}

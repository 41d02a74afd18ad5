package asm

// The tile that one call of GemmF32 computes.
const (
	GemmF32Rows = 6
	GemmF32Cols = 16
)

// GemmF32 adds one tile of a matrix product, C += A·B:
//
//	for i < m, j < 16, p ascending:  c[i·ldc + j] = fma(a[i·lda + p], b[p][j], c[i·ldc + j])
//
//	a  [m × k] float32, rows lda elements apart
//	b  [k][16] float32, one panel of 16 columns
//	c  [m × 16] float32, rows ldc elements apart; holds the bias, or the sum so
//	   far where k is split into blocks
//
// 1 ≤ m ≤ 6, k at least 1. The order of k is part of the result.
func GemmF32(c []float32, ldc int, a []float32, lda int, b []float32, m, k int) {
	checkGemmF32(c, ldc, a, lda, b, m, k)
	gemmF32(c, ldc, c, ldc, a, lda, b, m, k)
}

// GemmBiasF32 computes one tile of a matrix product whose rows all start from the
// same 16 numbers; otherwise it is [GemmF32].
func GemmBiasF32(c []float32, ldc int, bias *[GemmF32Cols]float32, a []float32, lda int, b []float32, m, k int) {
	checkGemmF32(c, ldc, a, lda, b, m, k)
	gemmF32(c, ldc, bias[:], 0, a, lda, b, m, k)
}

func checkGemmF32(c []float32, ldc int, a []float32, lda int, b []float32, m, k int) {
	if m < 1 || m > GemmF32Rows || k < 1 || lda < k || ldc < GemmF32Cols {
		panic("asm: GemmF32: bad shape")
	}
	_ = c[(m-1)*ldc+GemmF32Cols-1]
	_ = a[(m-1)*lda+k-1]
	_ = b[k*GemmF32Cols-1]
}

// gemmF32Ref starts from rows of start, lds apart: c itself, or one for all rows.
func gemmF32Ref(c []float32, ldc int, start []float32, lds int, a []float32, lda int, b []float32, m, k int) {
	for i := range m {
		sums := (*[GemmF32Cols]float32)(c[i*ldc:])
		*sums = [GemmF32Cols]float32(start[i*lds:])
		for p, x := range a[i*lda:][:k] {
			columns := (*[GemmF32Cols]float32)(b[p*GemmF32Cols:])
			for j := range sums {
				sums[j] = FMAF32(x, columns[j], sums[j])
			}
		}
	}
}

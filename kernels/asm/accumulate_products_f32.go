package asm

// AccumulateProductsF32 adds the products of two matrices, element by element
// and row after row, to one row:
//
//	for r < rows, i < len(acc), r ascending:  acc[i] = fma(a[r·lda + i], b[r·ldb + i], acc[i])
//
//	a, b  [rows × len(acc)] float32, rows lda and ldb elements apart; 0 repeats a row
func AccumulateProductsF32(acc, a []float32, lda int, b []float32, ldb, rows int) {
	n := len(acc)
	if rows < 0 || lda < 0 || ldb < 0 {
		panic("asm: AccumulateProductsF32: bad shape")
	}
	if rows == 0 || n == 0 {
		return
	}
	_, _ = a[(rows-1)*lda+n-1], b[(rows-1)*ldb+n-1]
	accumulateProductsF32(acc, a, lda, b, ldb, rows)
}

func accumulateProductsF32Ref(acc, a []float32, lda int, b []float32, ldb, rows int) {
	accumulateProductsF32From(0, acc, a, lda, b, ldb, rows)
}

// accumulateProductsF32From is the reference for the columns from first on:
// assembly leaves it the ones that fill no vector.
func accumulateProductsF32From(first int, acc, a []float32, lda int, b []float32, ldb, rows int) {
	for r := range rows {
		for i := first; i < len(acc); i++ {
			acc[i] = FMAF32(a[r*lda+i], b[r*ldb+i], acc[i])
		}
	}
}

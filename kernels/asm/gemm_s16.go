package asm

// GemmS16 computes one tile of a product of int16 values, C = A·B:
//
//	for i < m, j < 16:  c[i·ldc + j] = Σ a[i·lda + p] · b[p/2][j][p%2]   over p < k
//
//	a  [m × k] int16, rows lda elements apart
//	b  [k/2][16][2] int16, one panel of 16 columns, two steps of k side by side
//	c  [m × 16] int32, rows ldc elements apart, overwritten
//
// 1 ≤ m ≤ 6, k even and at least 2 (pad both operands with zeros). Sums are
// taken modulo 2³²; no pair of products may be twice (−2¹⁵)².
func GemmS16(c []int32, ldc int, a []int16, lda int, b []int16, m, k int) {
	if m < 1 || m > GemmS8Rows || k < 2 || k%2 != 0 || lda < k || ldc < GemmS8Cols {
		panic("asm: GemmS16: bad shape")
	}
	_ = c[(m-1)*ldc+GemmS8Cols-1]
	_ = a[(m-1)*lda+k-1]
	_ = b[k*GemmS8Cols-1]
	gemmS16(c, ldc, a, lda, b, m, k)
}

func gemmS16Ref(c []int32, ldc int, a []int16, lda int, b []int16, m, k int) {
	for i := range m {
		var sums [GemmS8Cols]int32
		row := a[i*lda:][:k]
		for p := 0; p < k; p += 2 {
			a0, a1 := int32(row[p]), int32(row[p+1])
			pairs := (*[2 * GemmS8Cols]int16)(b[p*GemmS8Cols:])
			for j := range sums {
				sums[j] += a0*int32(pairs[2*j]) + a1*int32(pairs[2*j+1])
			}
		}
		copy(c[i*ldc:], sums[:])
	}
}

package asm

// gemmS8Portable is gemmS8Ref for processors without assembly: eight columns at a
// time, whose sums are in registers.
func gemmS8Portable(c []int32, ldc int, a []int16, lda int, b []int8, m, k int) {
	for i := range m {
		row, sums := a[i*lda:][:k], (*[GemmS8Cols]int32)(c[i*ldc:])
		for j := 0; j < GemmS8Cols; j += 8 {
			var s0, s1, s2, s3, s4, s5, s6, s7 int32
			at := 2 * j
			for p := 1; p < len(row); p += 2 {
				a0, a1 := int32(row[p-1]), int32(row[p])
				w := (*[16]int8)(b[at:])
				s0 += a0*int32(w[0]) + a1*int32(w[1])
				s1 += a0*int32(w[2]) + a1*int32(w[3])
				s2 += a0*int32(w[4]) + a1*int32(w[5])
				s3 += a0*int32(w[6]) + a1*int32(w[7])
				s4 += a0*int32(w[8]) + a1*int32(w[9])
				s5 += a0*int32(w[10]) + a1*int32(w[11])
				s6 += a0*int32(w[12]) + a1*int32(w[13])
				s7 += a0*int32(w[14]) + a1*int32(w[15])
				at += 2 * GemmS8Cols
			}
			*(*[8]int32)(sums[j:]) = [8]int32{s0, s1, s2, s3, s4, s5, s6, s7}
		}
	}
}

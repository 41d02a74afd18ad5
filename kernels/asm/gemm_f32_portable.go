package asm

// gemmF32Portable is gemmF32Ref for processors without assembly: four columns at a
// time, whose sums are in registers, and no call where rounding twice is right.
func gemmF32Portable(c []float32, ldc int, start []float32, lds int, a []float32, lda int, b []float32, m, k int) {
	for i := range m {
		row, sums, from := a[i*lda:][:k], (*[GemmF32Cols]float32)(c[i*ldc:]), (*[GemmF32Cols]float32)(start[i*lds:])
		for j := 0; j < GemmF32Cols; j += 4 {
			s0, s1, s2, s3 := from[j], from[j+1], from[j+2], from[j+3]
			for p, x := range row {
				y := (*[4]float32)(b[p*GemmF32Cols+j:])
				t0, t1, t2, t3 := sumF64(x, y[0], s0), sumF64(x, y[1], s1), sumF64(x, y[2], s2), sumF64(x, y[3], s3)
				if doubtful(t0) || doubtful(t1) || doubtful(t2) || doubtful(t3) {
					s0, s1, s2, s3 = fmaF32Ref(x, y[0], s0), fmaF32Ref(x, y[1], s1), fmaF32Ref(x, y[2], s2), fmaF32Ref(x, y[3], s3)
					continue
				}
				s0, s1, s2, s3 = float32(t0), float32(t1), float32(t2), float32(t3)
			}
			sums[j], sums[j+1], sums[j+2], sums[j+3] = s0, s1, s2, s3
		}
	}
}

package asm

// TransposeF32 copies a matrix, rows becoming columns:
//
//	for i < rows, j < cols:  dst[j·ldd + i] = src[i·lds + j]
//
//	src  [rows × cols] float32, rows lds elements apart
//	dst  [cols × rows] float32, rows ldd elements apart
func TransposeF32(dst []float32, ldd int, src []float32, lds, rows, cols int) {
	if rows < 0 || cols < 0 || ldd < rows || lds < cols {
		panic("asm: TransposeF32: bad shape")
	}
	if rows == 0 || cols == 0 {
		return
	}
	_, _ = dst[(cols-1)*ldd+rows-1], src[(rows-1)*lds+cols-1]
	transposeF32(dst, ldd, src, lds, rows, cols)
}

func transposeF32Ref(dst []float32, ldd int, src []float32, lds, rows, cols int) {
	for i := range rows {
		for j, v := range src[i*lds:][:cols] {
			dst[j*ldd+i] = v
		}
	}
}

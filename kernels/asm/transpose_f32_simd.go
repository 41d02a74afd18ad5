//go:build (amd64 || arm64) && !purego

package asm

// Eight rows; cols is a multiple of 8 and at least 8.
//
//go:noescape
func transpose8F32SIMD(dst *float32, ldd int, src *float32, lds, cols int)

func transposeF32(dst []float32, ldd int, src []float32, lds, rows, cols int) {
	var done, wide int // rows, columns
	if level > Ref && cols >= 8 {
		wide = cols &^ 7
		for ; done+8 <= rows; done += 8 {
			transpose8F32SIMD(&dst[done], ldd, &src[done*lds], lds, wide)
		}
	}
	if done > 0 && wide < cols {
		transposeF32Ref(dst[wide*ldd:], ldd, src[wide:], lds, done, cols-wide)
	}
	if done < rows {
		transposeF32Ref(dst[done:], ldd, src[done*lds:], lds, rows-done, cols)
	}
}

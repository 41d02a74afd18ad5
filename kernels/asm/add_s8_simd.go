//go:build (amd64 || arm64) && !purego

package asm

// n is a multiple of 8 and at least 8; lo and hi are the bounds of a value
// before the zero point is added.
//
//go:noescape
func addS8SIMD(dst, a, b *int8, n int, scaleA, scaleB float32, zeroA, zeroB int32, lo, hi float32, zeroPoint int32)

func addS8(dst, a, b []int8, qa, qb OperandS8, out OutputS8) {
	var n int // elements that fill vectors
	if level > Ref && len(dst) >= 8 {
		n = len(dst) &^ 7
		lo, hi := out.bounds()
		addS8SIMD(&dst[0], &a[0], &b[0], n, qa.Scale, qb.Scale, qa.ZeroPoint, qb.ZeroPoint, lo, hi, out.ZeroPoint)
	}
	addS8Ref(dst[n:], a[n:], b[n:], qa, qb, out)
}

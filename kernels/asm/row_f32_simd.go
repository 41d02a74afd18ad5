//go:build (amd64 || arm64) && !purego

package asm

// The kernels take n elements, a multiple of 8 and at least 8. An operand moves by
// its step, in bytes, after every eight elements.

//go:noescape
func addRowF32SIMD(dst, a *float32, stepA int, b *float32, stepB, n int)

//go:noescape
func subRowF32SIMD(dst, a *float32, stepA int, b *float32, stepB, n int)

//go:noescape
func mulRowF32SIMD(dst, a *float32, stepA int, b *float32, stepB, n int)

//go:noescape
func divRowF32SIMD(dst, a *float32, stepA int, b *float32, stepB, n int)

// eightF32 is one number, eight times.
type eightF32 [8]float32

// operand returns where an operand begins and how far it moves; numbers lie in
// room.
func (r RowF32) operand(room *eightF32) (first *float32, step int) {
	if r.Values != nil {
		return &r.Values[0], 32
	}
	for i := range room {
		room[i] = r.Number
	}
	return &room[0], 0
}

func addRowF32(dst []float32, a, b RowF32) {
	var n int // elements that fill vectors
	if level > Ref && len(dst) >= 8 {
		n = len(dst) &^ 7
		var roomA, roomB eightF32
		firstA, stepA := a.operand(&roomA)
		firstB, stepB := b.operand(&roomB)
		addRowF32SIMD(&dst[0], firstA, stepA, firstB, stepB, n)
	}
	addRowF32Ref(dst[n:], a.from(n), b.from(n))
}

func subRowF32(dst []float32, a, b RowF32) {
	var n int // elements that fill vectors
	if level > Ref && len(dst) >= 8 {
		n = len(dst) &^ 7
		var roomA, roomB eightF32
		firstA, stepA := a.operand(&roomA)
		firstB, stepB := b.operand(&roomB)
		subRowF32SIMD(&dst[0], firstA, stepA, firstB, stepB, n)
	}
	subRowF32Ref(dst[n:], a.from(n), b.from(n))
}

func mulRowF32(dst []float32, a, b RowF32) {
	var n int // elements that fill vectors
	if level > Ref && len(dst) >= 8 {
		n = len(dst) &^ 7
		var roomA, roomB eightF32
		firstA, stepA := a.operand(&roomA)
		firstB, stepB := b.operand(&roomB)
		mulRowF32SIMD(&dst[0], firstA, stepA, firstB, stepB, n)
	}
	mulRowF32Ref(dst[n:], a.from(n), b.from(n))
}

func divRowF32(dst []float32, a, b RowF32) {
	var n int // elements that fill vectors
	if level > Ref && len(dst) >= 8 {
		n = len(dst) &^ 7
		var roomA, roomB eightF32
		firstA, stepA := a.operand(&roomA)
		firstB, stepB := b.operand(&roomB)
		divRowF32SIMD(&dst[0], firstA, stepA, firstB, stepB, n)
	}
	divRowF32Ref(dst[n:], a.from(n), b.from(n))
}

package asm

// RowF32 is an operand of elementwise arithmetic: a row, or one number for all of
// a row.
type RowF32 struct {
	Values []float32
	Number float32 // where Values is nil
}

// at returns element i.
func (r RowF32) at(i int) float32 {
	if r.Values == nil {
		return r.Number
	}
	return r.Values[i]
}

// from returns the operand behind its first n elements.
func (r RowF32) from(n int) RowF32 {
	if r.Values != nil {
		r.Values = r.Values[n:]
	}
	return r
}

func (r RowF32) check(n int) {
	if r.Values != nil {
		_ = r.Values[n-1]
	}
}

// AddRowF32 is dst[i] = a[i] + b[i], rounded once. Rows are at least as long as dst,
// which may be one of them.
func AddRowF32(dst []float32, a, b RowF32) {
	if len(dst) == 0 {
		return
	}
	a.check(len(dst))
	b.check(len(dst))
	addRowF32(dst, a, b)
}

func addRowF32Ref(dst []float32, a, b RowF32) {
	for i := range dst {
		dst[i] = a.at(i) + b.at(i)
	}
}

// SubRowF32 is dst[i] = a[i] − b[i], rounded once. Rows are at least as long as dst,
// which may be one of them.
func SubRowF32(dst []float32, a, b RowF32) {
	if len(dst) == 0 {
		return
	}
	a.check(len(dst))
	b.check(len(dst))
	subRowF32(dst, a, b)
}

func subRowF32Ref(dst []float32, a, b RowF32) {
	for i := range dst {
		dst[i] = a.at(i) - b.at(i)
	}
}

// MulRowF32 is dst[i] = a[i]·b[i], rounded once. Rows are at least as long as dst,
// which may be one of them.
func MulRowF32(dst []float32, a, b RowF32) {
	if len(dst) == 0 {
		return
	}
	a.check(len(dst))
	b.check(len(dst))
	mulRowF32(dst, a, b)
}

func mulRowF32Ref(dst []float32, a, b RowF32) {
	for i := range dst {
		dst[i] = a.at(i) * b.at(i)
	}
}

// DivRowF32 is dst[i] = a[i]/b[i], rounded once. Rows are at least as long as dst,
// which may be one of them.
func DivRowF32(dst []float32, a, b RowF32) {
	if len(dst) == 0 {
		return
	}
	a.check(len(dst))
	b.check(len(dst))
	divRowF32(dst, a, b)
}

func divRowF32Ref(dst []float32, a, b RowF32) {
	for i := range dst {
		dst[i] = a.at(i) / b.at(i)
	}
}

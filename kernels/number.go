package kernels

import (
	"cmp"
	"math"
	"unsafe"
)

// Integer is the integer element types.
type Integer interface {
	~int8 | ~int16 | ~int32 | ~int64 | ~uint8 | ~uint16 | ~uint32 | ~uint64
}

// Real is the floating-point element types.
type Real interface{ ~float32 | ~float64 }

// Number is every element type that can be computed with. The operators on
// numbers are plain Go: they exist so that every model runs. What networks spend
// their time on has kernels for float32 and int8.
type Number interface{ Integer | Real }

// Add, Sub and Mul are one operation each: integers wrap around, floats round
// once.
func Add[T Number](a, b T) T { return a + b }
func Sub[T Number](a, b T) T { return a - b }
func Mul[T Number](a, b T) T { return a * b }

// DivInteger truncates towards 0; a divisor of 0 gives 0.
func DivInteger[T Integer](a, b T) T {
	if b == 0 {
		return 0
	}
	return a / b
}

// DivReal is one division, rounded once.
func DivReal[T Real](a, b T) T { return a / b }

// Maximum returns the greater value; of equal ones, and beside what is not a
// number, the first.
func Maximum[T cmp.Ordered](a, b T) T {
	if b > a {
		return b
	}
	return a
}

// Minimum returns the lesser value; of equal ones, and beside what is not a
// number, the first.
func Minimum[T cmp.Ordered](a, b T) T {
	if b < a {
		return b
	}
	return a
}

// PowInteger returns aᵇ, wrapped around; for a negative b the inverse, truncated
// towards 0, and 0 for the inverse of 0.
func PowInteger[T Integer](a, b T) T {
	if b < 0 {
		if a != 1 && a+1 != 0 {
			return 0
		}
		b &= 1 // 1 and −1 are their own inverses
	}
	power := T(1)
	for ; b > 0; b >>= 1 {
		if b&1 == 1 {
			power *= a
		}
		a *= a
	}
	return power
}

// PowReal returns aᵇ, computed in float64 and rounded once to T.
func PowReal[T Real](a, b T) T { return T(Pow64(float64(a), float64(b))) }

// Greater returns a > b.
func Greater[T cmp.Ordered](a, b T) bool { return a > b }

// Equal returns a == b.
func Equal[T comparable](a, b T) bool { return a == b }

// Converted returns x in another type: integers wrap around, floats are rounded.
func Converted[X Number, Y Number](x X) Y { return Y(x) }

// Truncated returns the integer nearest to x towards 0 that type Y holds; 0 for
// what is not a number.
func Truncated[X Real, Y Integer](x X) Y {
	bits := 8 * int(unsafe.Sizeof(Y(0)))
	lowest, limit := 0.0, math.Ldexp(1, bits) // of Y, and the first value beyond it
	if Y(0)-1 < 0 {
		lowest, limit = -math.Ldexp(1, bits-1), math.Ldexp(1, bits-1)
	}
	switch f := float64(x); {
	case f != f:
		return 0
	case f <= lowest:
		return Y(int64(lowest))
	case f >= limit:
		return ^Y(int64(lowest)) // the bits of the greatest are those of the least, inverted
	case f < 0:
		return Y(int64(f))
	default:
		return Y(uint64(f))
	}
}

// FromBool returns 1 for true and 0 for false.
func FromBool[Y Number](x bool) Y {
	if x {
		return 1
	}
	return 0
}

// IsNonZero tells whether x is another number than 0.
func IsNonZero[X Number](x X) bool { return x != 0 }

// MapBinary returns the task of y = f(a, b), both operands broadcast to shape,
// the shape of y.
func MapBinary[A, Y any](shape, aShape, bShape []int, y []Y, a, b []A, f func(a, b A) Y) Task {
	return zip(shape, aShape, bShape, y, a, b, f)
}

// MatMul returns the task of y = a·b for numbers of any type: sums over k,
// ascending, every product and every sum rounded by itself.
func MatMul[T Number](s MatMulShape, y, a, b []T) Task {
	stepA, rowA := 1, s.K
	if s.TransposeA {
		stepA, rowA = s.M, 1
	}
	stepB, columnB := s.N, 1
	if s.TransposeB {
		stepB, columnB = 1, s.K
	}
	return Rows(s.Batch*s.M, 1, func(first, last int) {
		for r := first; r < last; r++ {
			batch, row := r/s.M, r%s.M
			for column := range s.N {
				at, bt := batch*s.M*s.K+row*rowA, batch*s.K*s.N+column*columnB
				sum := T(0)
				for range s.K {
					sum += T(a[at] * b[bt])
					at, bt = at+stepA, bt+stepB
				}
				y[r*s.N+column] = sum
			}
		}
	})
}

// Fold returns the task of y = x reduced by f, each result one running value,
// ascending, from the first element on.
func Fold[T Number](s ReduceShape, y, x []T, f func(a, b T) T) Task {
	return Rows(s.Outer*s.Inner, 1+4096/max(1, s.Reduced), func(first, last int) {
		for i := first; i < last; i++ {
			at := i/s.Inner*s.Reduced*s.Inner + i%s.Inner
			value := x[at]
			for range s.Reduced - 1 {
				at += s.Inner
				value = f(value, x[at])
			}
			y[i] = value
		}
	})
}

// CumSum returns the task of y = the running sums along the middle of x; see
// the graph's cum_sum for exclusive and reverse.
func CumSum[T Number](s ReduceShape, y, x []T, exclusive, reverse bool) Task {
	return Rows(s.Outer*s.Inner, 1, func(first, last int) {
		for i := first; i < last; i++ {
			start := i/s.Inner*s.Reduced*s.Inner + i%s.Inner
			sum := T(0)
			for j := range s.Reduced {
				at := start + j*s.Inner
				if reverse {
					at = start + (s.Reduced-1-j)*s.Inner
				}
				if exclusive {
					y[at], sum = sum, sum+x[at]
				} else {
					sum += x[at]
					y[at] = sum
				}
			}
		}
	})
}

// ArgMax returns the task of y = the index of the greatest value of each row of
// x, [rows × n]; of equal values the first.
func ArgMax[T Number](y []int32, x []T, n int) Task {
	return Func(func() {
		for r := range y {
			best := 0
			row := x[r*n:][:n]
			for i, v := range row {
				if v > row[best] {
					best = i
				}
			}
			y[r] = int32(best)
		}
	})
}

// ArgTopK returns the task of y = the indices of the k greatest, or least,
// values of each row of x, [rows × n], in order; of equal values the first comes
// first.
func ArgTopK[T Number](y []int32, x []T, n, k int, least bool) Task {
	better := func(a, b T) bool { return a > b }
	if least {
		better = func(a, b T) bool { return a < b }
	}
	return Func(func() {
		for r := 0; r*k < len(y); r++ {
			top, row := y[r*k:][:0:k], x[r*n:][:n]
			for i, v := range row {
				at := len(top)
				for at > 0 && better(v, row[top[at-1]]) {
					at--
				}
				if at == k {
					continue
				}
				if len(top) < k {
					top = top[:len(top)+1]
				}
				copy(top[at+1:], top[at:])
				top[at] = int32(i)
			}
		}
	})
}

// GatherElements returns the task of y = the elements of x that indices point at
// along an axis; y and indices have shape, x has from. An index outside takes
// the nearest element.
func GatherElements[T any](shape, from []int, axis int, y, x []T, indices []int32) Task {
	strides := Strides(from)
	along := strides[axis]
	strides[axis] = 0
	w := newWalk(shape, strides)
	step := w.step(0)
	return Rows(w.rows(), rowsPerTile(w.run), func(first, last int) {
		for r := first; r < last; r++ {
			at := w.offset(0, r)
			for i := range w.run {
				index := min(max(int(indices[r*w.run+i]), 0), from[axis]-1)
				y[r*w.run+i] = x[at+i*step+index*along]
			}
		}
	})
}

package kernels_test

import (
	"fmt"
	"math"
	"testing"

	"megl-edge/kernels"
)

// numbers returns n float32 values between −1 and 1, the same every time.
func numbers(n int, seed uint32) []float32 {
	out := make([]float32, n)
	for i := range out {
		seed = seed*1664525 + 1013904223
		out[i] = float32(int32(seed)>>8) / (1 << 23)
	}
	return out
}

func int8Numbers(n int, seed uint32) []int8 {
	out := make([]int8, n)
	for i, v := range numbers(n, seed) {
		out[i] = int8(v * 127)
	}
	return out
}

// rounded is the definition: one scale for a row.
func rounded(row []float32) (q []int32, scale float32) {
	greatest := float32(0)
	for _, v := range row {
		greatest = max(greatest, v, -v)
	}
	q = make([]int32, len(row))
	if greatest == 0 {
		return q, 1
	}
	inverse := 127 / greatest
	for i, v := range row {
		q[i] = int32(math.RoundToEven(float64(v * inverse)))
	}
	return q, greatest / 127
}

func TestLinearS8(t *testing.T) {
	for _, rows := range []int{1, 5, 6, 7, 24, 25, 61} {
		for _, k := range []int{1, 2, 3, 31, 64} {
			for _, n := range []int{1, 15, 16, 17, 40} {
				for _, wZero := range []int32{0, 5} {
					checkLinearS8(t, rows, k, n, wZero)
				}
			}
		}
	}
}

func checkLinearS8(t *testing.T, rows, k, n int, wZero int32) {
	w, scale, bias := int8Numbers(n*k, 1), numbers(n, 2), numbers(n, 3)
	x, real := int8Numbers(rows*k, 4), numbers(rows*k, 5)
	if rows > 2 {
		clear(real[k : 2*k]) // a row of zeros
	}
	const xZero, xScale = 7, 0.25
	static, dynamic := make([]float32, rows*n), make([]float32, rows*n)
	for r := range rows {
		q, rowScale := rounded(real[r*k:][:k])
		for j := range n {
			var a, b int32
			for p := range k {
				weight := int32(w[j*k+p]) - wZero
				a += (int32(x[r*k+p]) - xZero) * weight
				b += q[p] * weight
			}
			static[r*n+j] = float32(float32(float32(a)*scale[j])*xScale) + bias[j]
			dynamic[r*n+j] = float32(float32(float32(b)*scale[j])*rowScale) + bias[j]
		}
	}
	l := kernels.NewLinearS8(k, n, w, wZero, scale, bias)
	for _, threads := range []int{1, 2, 7} {
		name := fmt.Sprintf("%d×%d→%d, zero %d, %d threads", rows, k, n, wZero, threads)
		got := make([]float32, rows*n)
		run(threads, func(int) kernels.Task { return l.Bind(got, x, xZero, xScale, rows, threads) })
		same(t, name+", static", got, static)
		clear(got)
		run(threads, func(int) kernels.Task { return l.BindDynamic(got, real, rows, threads) })
		same(t, name+", dynamic", got, dynamic)
	}
}

func TestMatMulS8F32(t *testing.T) {
	for _, shape := range []kernels.MatMulShape{{Batch: 1, M: 1, K: 1, N: 1}, {Batch: 3, M: 7, K: 5, N: 17}, {Batch: 2, M: 13, K: 64, N: 33}} {
		for _, transposed := range []bool{false, true} {
			shape.TransposeB = transposed
			checkMatMulS8(t, shape)
		}
	}
}

func checkMatMulS8(t *testing.T, s kernels.MatMulShape) {
	a, b := numbers(s.Batch*s.M*s.K, 6), numbers(s.Batch*s.K*s.N, 7)
	want := make([]float32, s.Batch*s.M*s.N)
	for batch := range s.Batch {
		for j := range s.N {
			column := make([]float32, s.K)
			for p := range column {
				if s.TransposeB {
					column[p] = b[batch*s.K*s.N+j*s.K+p]
				} else {
					column[p] = b[batch*s.K*s.N+p*s.N+j]
				}
			}
			qb, columnScale := rounded(column)
			for i := range s.M {
				qa, rowScale := rounded(a[(batch*s.M+i)*s.K:][:s.K])
				var sum int32
				for p := range s.K {
					sum += qa[p] * qb[p]
				}
				want[(batch*s.M+i)*s.N+j] = float32(float32(sum)*columnScale) * rowScale
			}
		}
	}
	for _, threads := range []int{1, 2, 7} {
		got := make([]float32, len(want))
		run(threads, func(int) kernels.Task { return kernels.MatMulS8F32(s, got, a, b) })
		same(t, fmt.Sprintf("%+v, %d threads", s, threads), got, want)
	}
}

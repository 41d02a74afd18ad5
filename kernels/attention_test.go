package kernels_test

import (
	"fmt"
	"testing"

	"megl-edge/kernels"
	"megl-edge/kernels/asm"
)

// heads returns matrices of a batch side by side, as a projection writes them:
// [rows × (gap + batch·columns)].
func heads(data []float32, batch, columns, gap int) kernels.Matrices {
	m := kernels.Matrices{Data: data, Stride: gap + batch*columns}
	for entry := range batch {
		m.Offsets = append(m.Offsets, gap+entry*columns)
	}
	return m
}

// dense copies the matrices one after the other, times scale; transposed if
// asked for.
func dense(m kernels.Matrices, rows, columns int, scale float32, transposed bool) []float32 {
	out := make([]float32, len(m.Offsets)*rows*columns)
	for entry, offset := range m.Offsets {
		for r := range rows {
			for c := range columns {
				at := entry*rows*columns + r*columns + c
				if transposed {
					at = entry*rows*columns + c*rows + r
				}
				out[at] = m.Data[offset+r*m.Stride+c] * scale
			}
		}
	}
	return out
}

// One kernel gives the bits of two products with a softmax between.
func TestAttention(t *testing.T) {
	for i, s := range []kernels.AttentionShape{
		{Batch: 1, Queries: 1, Keys: 1, Depth: 1, ValueDepth: 1, QueryScale: 1, ScoreScale: 1},
		{Batch: 3, Queries: 7, Keys: 5, Depth: 3, ValueDepth: 17, QueryScale: 0.37, ScoreScale: 1},
		{Batch: 2, Queries: 31, Keys: 50, Depth: 16, ValueDepth: 16, QueryScale: 1, ScoreScale: 0.3},
		{Batch: 3, Queries: 50, Keys: 33, Depth: 64, ValueDepth: 32, QueryScale: 0.125, ScoreScale: -1.5},
		{Batch: 1, Queries: 25, Keys: 24, Depth: 9, ValueDepth: 40, QueryScale: -2, ScoreScale: 1},
	} {
		seed := uint32(10 * i)
		q := heads(numbers(s.Queries*(2+s.Batch*s.Depth), seed), s.Batch, s.Depth, 2)
		k := heads(numbers(s.Keys*(1+s.Batch*s.Depth), seed+1), s.Batch, s.Depth, 1)
		v := heads(numbers(s.Keys*(3+s.Batch*s.ValueDepth), seed+2), s.Batch, s.ValueDepth, 3)
		clear(k.Data[:k.Stride]) // a key of zeros
		for name, f := range map[string]struct {
			fused  func(kernels.AttentionShape, kernels.Matrices, kernels.Matrices, kernels.Matrices, kernels.Matrices, int) kernels.Task
			matMul func(s kernels.MatMulShape, y, a, b []float32) kernels.Task
		}{
			"float32": {kernels.AttentionF32, func(s kernels.MatMulShape, y, a, b []float32) kernels.Task {
				return kernels.MatMulF32(s, y, a, b, 1)
			}},
			"int8": {kernels.AttentionS8, kernels.MatMulS8F32},
		} {
			want := attentionSteps(s, q, k, v, f.matMul)
			for _, threads := range []int{1, 2, 5} {
				y := heads(make([]float32, s.Queries*(1+s.Batch*s.ValueDepth)), s.Batch, s.ValueDepth, 1)
				run(threads, func(int) kernels.Task { return f.fused(s, y, q, k, v, threads) })
				same(t, fmt.Sprintf("%s %+v, %d threads", name, s, threads), dense(y, s.Queries, s.ValueDepth, 1, false), want)
			}
		}
	}
}

func attentionSteps(s kernels.AttentionShape, q, k, v kernels.Matrices, matMul func(kernels.MatMulShape, []float32, []float32, []float32) kernels.Task) []float32 {
	scores, y := make([]float32, s.Batch*s.Queries*s.Keys), make([]float32, s.Batch*s.Queries*s.ValueDepth)
	run(1, func(int) kernels.Task {
		return matMul(kernels.MatMulShape{Batch: s.Batch, M: s.Queries, K: s.Depth, N: s.Keys},
			scores, dense(q, s.Queries, s.Depth, s.QueryScale, false), dense(k, s.Keys, s.Depth, 1, true))
	})
	for i := range scores {
		scores[i] *= s.ScoreScale
	}
	for first := 0; first < len(scores); first += s.Keys {
		row := scores[first:][:s.Keys]
		asm.SoftmaxF32(row, row)
	}
	run(1, func(int) kernels.Task {
		return matMul(kernels.MatMulShape{Batch: s.Batch, M: s.Queries, K: s.Keys, N: s.ValueDepth}, y, scores, dense(v, s.Keys, s.ValueDepth, 1, false))
	})
	return y
}

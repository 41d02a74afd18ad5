package kernels

import (
	"megl-edge/kernels/asm"
)

// MatMulShape is a batch of products [M × K]·[K × N]. A transposed operand is
// stored [K × M] or [N × K].
type MatMulShape struct {
	Batch, M, K, N         int
	TransposeA, TransposeB bool
}

// MatMulF32 returns the task of y = a·b, where both operands are only known at
// run time: every element is a chain of fused multiply-adds over k, ascending,
// from zero. A tile is 16 columns.
func MatMulF32(s MatMulShape, y, a, b []float32) Task {
	return &matMulF32{s, y, a, b}
}

type matMulF32 struct {
	MatMulShape
	y, a, b []float32
}

const matMulCols = asm.GemmF32Cols

func (t *matMulF32) panels() int { return (t.N + matMulCols - 1) / matMulCols }

func (t *matMulF32) Tiles() int { return t.Batch * t.panels() }

func (t *matMulF32) Scratch() int {
	rows := 0
	if t.TransposeA {
		rows = asm.GemmF32Rows * t.K
	}
	return scratchBytes[float32](t.K*matMulCols) + scratchBytes[float32](asm.GemmF32Rows*matMulCols) + scratchBytes[float32](rows)
}

func (t *matMulF32) Tile(i int, scratch []byte) {
	batch, first := i/t.panels(), i%t.panels()*matMulCols
	n := min(matMulCols, t.N-first)
	panel, scratch := take[float32](scratch, t.K*matMulCols)
	corner, scratch := take[float32](scratch, asm.GemmF32Rows*matMulCols)
	t.pack(panel, t.b[batch*t.K*t.N:][:t.K*t.N], first, n)
	a := t.a[batch*t.M*t.K:][:t.M*t.K]
	for row := 0; row < t.M; row += asm.GemmF32Rows {
		m := min(asm.GemmF32Rows, t.M-row)
		clear(corner)
		if t.K > 0 {
			asm.GemmF32(corner, matMulCols, t.rows(a, row, m, scratch), t.K, panel, m, t.K)
		}
		for r := range m {
			copy(t.y[(batch*t.M+row+r)*t.N+first:][:n], corner[r*matMulCols:])
		}
	}
}

// pack lays n columns of b out as one panel.
func (t *matMulF32) pack(panel, b []float32, first, n int) {
	for p := range t.K {
		to := panel[p*matMulCols:][:matMulCols]
		clear(to[n:])
		if !t.TransposeB {
			copy(to[:n], b[p*t.N+first:])
			continue
		}
		for j := range n {
			to[j] = b[(first+j)*t.K+p]
		}
	}
}

// rows returns m rows of a, K elements apart.
func (t *matMulF32) rows(a []float32, row, m int, scratch []byte) []float32 {
	if !t.TransposeA {
		return a[row*t.K:]
	}
	rows, _ := take[float32](scratch, asm.GemmF32Rows*t.K)
	for r := range m {
		for p := range t.K {
			rows[r*t.K+p] = a[p*t.M+row+r]
		}
	}
	return rows
}

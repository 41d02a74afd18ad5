package kernels

import (
	"megl-edge/kernels/asm"
)

// MatMulS8F32 returns the task of y = a·b for operands that are only known at run
// time, in float32: each row of a and each column of b is rounded to int8 by a
// scale of its own, the sums are exact, and what they are worth is rounded twice,
// by the column's scale and by the row's. a is not transposed. A tile is one
// entry of the batch, so that b is rounded and packed once.
func MatMulS8F32(s MatMulShape, y, a, b []float32) Task {
	return &matMulS8{s, y, a, b}
}

type matMulS8 struct {
	MatMulShape
	y, a, b []float32
}

func (t *matMulS8) depth() int  { return (t.K + 1) / 2 * 2 }
func (t *matMulS8) panels() int { return (t.N + asm.GemmS8Cols - 1) / asm.GemmS8Cols }

func (t *matMulS8) Tiles() int { return t.Batch }

func (t *matMulS8) Scratch() int {
	padded := t.panels() * asm.GemmS8Cols
	return scratchBytes[int8](padded*t.depth()) + scratchBytes[float32](padded) + scratchBytes[int8](t.K) +
		scratchBytes[int16](asm.GemmS8Rows*t.depth()) + scratchBytes[float32](asm.GemmS8Rows) + scratchBytes[int32](asm.GemmS8Rows*asm.GemmS8Cols)
}

func (t *matMulS8) Tile(batch int, scratch []byte) {
	depth, panels := t.depth(), t.panels()
	packed, scratch := take[int8](scratch, panels*asm.GemmS8Cols*depth)
	columns, scratch := take[float32](scratch, panels*asm.GemmS8Cols)
	rounded, scratch := take[int8](scratch, t.K)
	rows, scratch := take[int16](scratch, asm.GemmS8Rows*depth)
	scales, scratch := take[float32](scratch, asm.GemmS8Rows)
	acc, _ := take[int32](scratch, asm.GemmS8Rows*asm.GemmS8Cols)
	t.pack(packed, columns, rounded, t.b[batch*t.K*t.N:][:t.K*t.N])
	a, y := t.a[batch*t.M*t.K:][:t.M*t.K], t.y[batch*t.M*t.N:][:t.M*t.N]
	for first := 0; first < t.M; first += asm.GemmS8Rows {
		m := min(asm.GemmS8Rows, t.M-first)
		for r := range m {
			row := rows[r*depth:][:depth]
			row[depth-1] = 0
			scales[r] = quantizeRow(rounded, a[(first+r)*t.K:][:t.K])
			asm.WidenS8S16(row[:t.K], rounded)
		}
		for panel := range panels {
			asm.GemmS8(acc, asm.GemmS8Cols, rows, depth, packed[panel*depth*asm.GemmS8Cols:][:depth*asm.GemmS8Cols], m, depth)
			from := panel * asm.GemmS8Cols
			n := min(asm.GemmS8Cols, t.N-from)
			for r := range m {
				out, sums := y[(first+r)*t.N+from:][:n], acc[r*asm.GemmS8Cols:][:n]
				for j := range out {
					out[j] = float32(float32(sums[j])*columns[from+j]) * scales[r]
				}
			}
		}
	}
}

// pack rounds and packs the columns of b.
func (t *matMulS8) pack(packed []int8, columns []float32, rounded []int8, b []float32) {
	clear(packed)
	for column := range t.N {
		if t.TransposeB {
			columns[column] = quantizeRow(rounded, b[column*t.K:][:t.K])
		} else {
			columns[column] = quantizeStep(rounded, b[column:], t.N)
		}
		packColumnS8(packed, t.depth(), column, rounded)
	}
}

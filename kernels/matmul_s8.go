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

func (t *matMulS8) panels() int { return (t.N + panelCols - 1) / panelCols }

// columns returns the memory of b's columns, without the memory.
func (t *matMulS8) columns() *panelsS8 {
	form := asm.BestFormS8(false)
	step := form.Step()
	return &panelsS8{form: form, k: t.K, depth: (t.K + step - 1) / step * step}
}

func (t *matMulS8) Tiles() int { return t.Batch }

// matMulS8Rows is how many rows are multiplied at a time.
const matMulS8Rows = 4 * asm.GemmS8Rows

func (t *matMulS8) Scratch() int {
	b, padded := t.columns(), t.panels()*panelCols
	return scratchBytes[int8](padded*b.depth) + 2*scratchBytes[int32](padded) + 2*scratchBytes[float32](padded) + scratchBytes[int8](t.K) +
		b.scratch(matMulS8Rows) + scratchBytes[int32](matMulS8Rows) + scratchBytes[float32](matMulS8Rows)
}

func (t *matMulS8) Tile(batch int, scratch []byte) {
	b, padded := t.columns(), t.panels()*panelCols
	b.values, scratch = take[int8](scratch, padded*b.depth)
	b.sums, scratch = take[int32](scratch, padded)
	correction, scratch := take[int32](scratch, padded)
	scale, scratch := take[float32](scratch, padded)
	bias, scratch := take[float32](scratch, padded)
	rounded, scratch := take[int8](scratch, t.K)
	packed, plain, scratch := b.rows(scratch, matMulS8Rows)
	addends, scratch := take[int32](scratch, matMulS8Rows)
	scales, _ := take[float32](scratch, matMulS8Rows)
	t.pack(b, scale, rounded, t.b[batch*t.K*t.N:][:t.K*t.N])
	clear(addends)
	clear(bias)
	for j, sum := range b.sums {
		correction[j] = -b.form.Offset() * sum
	}
	x, y := t.a[batch*t.M*t.K:][:t.M*t.K], t.y[batch*t.M*t.N:][:t.M*t.N]
	for first := 0; first < t.M; first += matMulS8Rows {
		count := min(matMulS8Rows, t.M-first)
		for r := range count {
			scales[r] = quantizeRow(plain[r*b.depth:][:t.K], x[(first+r)*t.K:][:t.K])
		}
		b.form.Convert(packed, plain[:count*b.depth])
		for panel := range t.panels() {
			column := panel * panelCols
			product := b.product(panel, count, packed, addends)
			product.Dequantize(y[first*t.N+column:], t.N, correction[column:], scale[column:], scales, bias, min(panelCols, t.N-column))
		}
	}
}

// pack rounds and packs the columns of b, and returns their scales in scale.
func (t *matMulS8) pack(b *panelsS8, scale []float32, rounded []int8, values []float32) {
	clear(b.values)
	clear(b.sums)
	clear(scale)
	for column := range t.N {
		if t.TransposeB {
			scale[column] = quantizeRow(rounded, values[column*t.K:][:t.K])
		} else {
			scale[column] = quantizeStep(rounded, values[column:], t.N)
		}
		b.set(column, rounded)
	}
}

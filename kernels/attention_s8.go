package kernels

import "megl-edge/kernels/asm"

// AttentionS8 returns the task of attention with int8 products: the result is
// that of [MatMulS8F32], softmax and MatMulS8F32 one after the other, and no more
// than a few rows of scores are in memory at a time.
func AttentionS8(s AttentionShape, y, q, k, v Matrices, threads int) Task {
	return &attentionS8{newAttention(s, y, q, k, v, threads)}
}

type attentionS8 struct{ attention }

func (t *attentionS8) Scratch() int {
	return operandScratchS8(t.Depth, t.Keys) + operandScratchS8(t.Keys, t.ValueDepth) + columnScratchS8(t.ValueDepth) +
		scratchBytes[int8](t.Depth) + scratchBytes[float32](attentionRows*t.scoreStride())
}

func (t *attentionS8) Tile(i int, scratch []byte) {
	entry, first, last := t.tile(i)
	var keys, values operandS8
	scratch = keys.take(scratch, t.Depth, t.Keys)
	scratch = values.take(scratch, t.Keys, t.ValueDepth)
	rounded, scratch := take[int8](scratch, t.Depth)
	for j := range t.Keys {
		keys.setColumn(j, rounded, t.k.row(entry, j, t.Depth))
	}
	values.setMatrix(scratch, t.Keys, t.ValueDepth, t.v.Data[t.v.Offsets[entry]:], t.v.Stride)
	keys.correct()
	values.correct()

	scores, scratch := take[float32](scratch, attentionRows*t.scoreStride())
	for ; first < last; first += attentionRows {
		count := min(attentionRows, last-first)
		queries := keys.roundRows(scratch, count, func(r int) []float32 { return t.q.row(entry, first+r, t.Depth) }, t.QueryScale)
		queries.multiply(scores, t.scoreStride(), t.scoreStride())
		t.softmax(scores, count)
		weights := values.roundRows(scratch, count, func(r int) []float32 { return scores[r*t.scoreStride():][:t.Keys] }, 1)
		weights.multiply(t.y.Data[t.y.Offsets[entry]+first*t.y.Stride:], t.y.Stride, t.ValueDepth)
	}
}

// operandS8 is the right operand of an int8 product that is rounded and packed
// at run time: each column has a scale, and values from −127 to 127.
type operandS8 struct {
	panelsS8
	correction []int32   // [panels·16], for what the form adds
	scale      []float32 // [panels·16]
	zeros      []float32 // [16]
}

// take cuts the memory of k rows and the given number of columns off the scratch
// memory, all zeros.
func (o *operandS8) take(scratch []byte, k, columns int) []byte {
	o.init(asm.SymmetricWeights, 1, k)
	padded := panelsOf(columns) * panelCols
	o.values, scratch = take[int8](scratch, padded*o.depth)
	o.sums, scratch = take[int32](scratch, padded)
	o.correction, scratch = take[int32](scratch, padded)
	o.scale, scratch = take[float32](scratch, padded)
	o.zeros, scratch = take[float32](scratch, panelCols)
	clear(o.values)
	clear(o.sums)
	clear(o.scale)
	clear(o.zeros)
	return scratch
}

// operandScratchS8 is what an operand takes, with one block of rows for it.
func operandScratchS8(k, columns int) int {
	var o operandS8
	o.init(asm.SymmetricWeights, 1, k)
	padded := panelsOf(columns) * panelCols
	return scratchBytes[int8](padded*o.depth) + 2*scratchBytes[int32](padded) + scratchBytes[float32](padded) + scratchBytes[float32](panelCols) +
		o.scratch(attentionRows) + scratchBytes[float32](attentionRows) + 2*scratchBytes[int32](attentionRows)
}

// setColumn rounds and packs one column.
func (o *operandS8) setColumn(column int, rounded []int8, values []float32) {
	o.scale[column] = quantizeRow(rounded, values, 1)
	o.set(column, rounded)
}

// setMatrix rounds and packs a matrix [k × columns] of rows stride apart.
func (o *operandS8) setMatrix(scratch []byte, k, columns int, values []float32, stride int) {
	step, padded := o.form.Step(), len(o.sums)
	factor, scratch := take[float32](scratch, columns)
	rows, _ := take[int8](scratch, step*padded)
	clear(factor)
	for p := range k {
		asm.MagnitudesF32(factor, values[p*stride:][:columns])
	}
	quantizeColumns(factor, o.scale)
	for first := 0; first < k; first += step {
		clear(rows)
		for p := first; p < min(first+step, k); p++ {
			asm.RoundColumnsF32S8(rows[(p-first)*padded:], values[p*stride:][:columns], factor)
		}
		o.setRows(first, rows, padded)
	}
}

// columnScratchS8 is what setMatrix needs.
func columnScratchS8(columns int) int {
	return scratchBytes[float32](columns) + scratchBytes[int8](asm.BestFormS8(asm.SymmetricWeights).Step()*panelsOf(columns)*panelCols)
}

// correct computes what to take off the sums, once all columns are packed.
func (o *operandS8) correct() {
	for j, sum := range o.sums {
		o.correction[j] = -o.form.Offset() * sum
	}
}

// rowsS8 are rows rounded for a product with an operand.
type rowsS8 struct {
	*operandS8
	packed  []byte
	scales  []float32
	addends []int32
	offsets []int32
	count   int
}

// roundRows rounds up to attentionRows rows, times unit.
func (o *operandS8) roundRows(scratch []byte, count int, row func(r int) []float32, unit float32) rowsS8 {
	packed, plain, scratch := o.rows(scratch, attentionRows)
	r := rowsS8{operandS8: o, packed: packed, count: count}
	r.scales, scratch = take[float32](scratch, attentionRows)
	r.addends, scratch = take[int32](scratch, attentionRows)
	r.offsets, _ = take[int32](scratch, attentionRows)
	clear(r.addends)
	for i := range count {
		r.scales[i] = quantizeRow(plain[i*o.depth:][:o.k], row(i), unit)
	}
	o.form.Convert(packed, plain[:count*o.depth])
	return r
}

// multiply writes the product's values in rows of columns, stride apart.
func (r *rowsS8) multiply(y []float32, stride, columns int) {
	product := r.product(r.count, r.packed, r.offsets[:asm.PadRowsS8(r.count)], r.addends)
	for panel := range panelsOf(columns) {
		column := panel * panelCols
		product.B = r.panel(panel)
		product.Dequantize(y[column:], stride, r.correction[column:], r.scale[column:], r.scales, r.zeros, min(panelCols, columns-column))
	}
}

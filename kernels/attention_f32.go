package kernels

import "megl-edge/kernels/asm"

// AttentionF32 returns the task of attention in float32: the result is that of
// [MatMulF32], softmax and MatMulF32 one after the other, and no more than a few
// rows of scores are in memory at a time.
func AttentionF32(s AttentionShape, y, q, k, v Matrices, threads int) Task {
	return &attentionF32{newAttention(s, y, q, k, v, threads)}
}

type attentionF32 struct{ attention }

func (t *attentionF32) Scratch() int {
	return scratchBytes[float32](t.scoreStride()*t.Depth) + scratchBytes[float32](panelsOf(t.ValueDepth)*panelCols*t.Keys) +
		scratchBytes[float32](attentionRows*t.scoreStride()) + scratchBytes[float32](attentionRows*t.Depth) +
		scratchBytes[float32](attentionRows*asm.GemmF32Cols)
}

func (t *attentionF32) Tile(i int, scratch []byte) {
	entry, first, last := t.tile(i)
	keys, scratch := take[float32](scratch, t.scoreStride()*t.Depth)
	values, scratch := take[float32](scratch, panelsOf(t.ValueDepth)*panelCols*t.Keys)
	scores, scratch := take[float32](scratch, attentionRows*t.scoreStride())
	t.packKeys(keys, entry)
	t.packValues(values, entry)
	for ; first < last; first += attentionRows {
		count := min(attentionRows, last-first)
		queries, stride := t.queries(entry, first, count, scratch)
		clear(scores)
		for panel := range panelsOf(t.Keys) {
			productF32(scores[panel*panelCols:], t.scoreStride(), queries, stride, keys[panel*panelCols*t.Depth:], count, t.Depth)
		}
		t.softmax(scores, count)
		t.weigh(entry, first, count, scores, values, scratch)
	}
}

// packKeys lays the keys out in panels of 16, zeros behind the last.
func (t *attentionF32) packKeys(packed []float32, entry int) {
	clear(packed[(panelsOf(t.Keys)-1)*panelCols*t.Depth:])
	for j := range t.Keys {
		panel := packed[j/panelCols*panelCols*t.Depth+j%panelCols:]
		for p, v := range t.k.row(entry, j, t.Depth) {
			panel[p*panelCols] = v
		}
	}
}

// packValues lays the values out in panels of 16 columns, zeros behind the last.
func (t *attentionF32) packValues(packed []float32, entry int) {
	for j := range t.Keys {
		row := t.v.row(entry, j, t.ValueDepth)
		for panel := range panelsOf(t.ValueDepth) {
			to := packed[(panel*t.Keys+j)*panelCols:][:panelCols]
			clear(to[copy(to, row[panel*panelCols:]):])
		}
	}
}

// queries returns rows of q times the scale.
func (t *attentionF32) queries(entry, first, count int, scratch []byte) (rows []float32, stride int) {
	if t.QueryScale == 1 {
		return t.q.Data[t.q.Offsets[entry]+first*t.q.Stride:], t.q.Stride
	}
	rows, _ = take[float32](scratch, count*t.Depth)
	for r := range count {
		for p, v := range t.q.row(entry, first+r, t.Depth) {
			rows[r*t.Depth+p] = v * t.QueryScale
		}
	}
	return rows, t.Depth
}

// weigh writes count rows of the result: panels of columns in place, a last
// narrower one through scratch memory.
func (t *attentionF32) weigh(entry, first, count int, scores, values []float32, scratch []byte) {
	corner, _ := take[float32](scratch, attentionRows*asm.GemmF32Cols)
	y := t.y.Data[t.y.Offsets[entry]+first*t.y.Stride:]
	for panel := range panelsOf(t.ValueDepth) {
		column := panel * panelCols
		to, stride, n := y[column:], t.y.Stride, min(panelCols, t.ValueDepth-column)
		if n < panelCols {
			to, stride = corner, asm.GemmF32Cols
		}
		for r := range count {
			clear(to[r*stride:][:panelCols])
		}
		productF32(to, stride, scores, t.scoreStride(), values[panel*panelCols*t.Keys:], count, t.Keys)
		for r := 0; r < count && n < panelCols; r++ {
			copy(y[r*t.y.Stride+column:][:n], corner[r*asm.GemmF32Cols:])
		}
	}
}

// productF32 adds the product of rows with one panel to c.
func productF32(c []float32, ldc int, a []float32, lda int, panel []float32, rows, k int) {
	for first := 0; first < rows; first += asm.GemmF32Rows {
		asm.GemmF32(c[first*ldc:], ldc, a[first*lda:], lda, panel[:k*asm.GemmF32Cols], min(asm.GemmF32Rows, rows-first), k)
	}
}

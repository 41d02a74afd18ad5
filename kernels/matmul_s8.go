package kernels

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

func (t *matMulS8) Tiles() int { return t.Batch }

func (t *matMulS8) Scratch() int {
	return operandScratchS8(t.K, t.N) + max(scratchBytes[int8](t.K), columnScratchS8(t.N))
}

func (t *matMulS8) Tile(batch int, scratch []byte) {
	x, y := t.a[batch*t.M*t.K:][:t.M*t.K], t.y[batch*t.M*t.N:][:t.M*t.N]
	var b operandS8
	scratch = b.take(scratch, t.K, t.N)
	t.pack(&b, t.b[batch*t.K*t.N:][:t.K*t.N], scratch)
	for first := 0; first < t.M; first += attentionRows {
		count := min(attentionRows, t.M-first)
		rows := b.roundRows(scratch, count, func(r int) []float32 { return x[(first+r)*t.K:][:t.K] }, 1)
		rows.multiply(y[first*t.N:], t.N, t.N)
	}
}

func (t *matMulS8) pack(b *operandS8, values []float32, scratch []byte) {
	if !t.TransposeB {
		b.setMatrix(scratch, t.K, t.N, values, t.N)
	} else {
		rounded, _ := take[int8](scratch, t.K)
		for column := range t.N {
			b.setColumn(column, rounded, values[column*t.K:][:t.K])
		}
	}
	b.correct()
}

package kernels

// MatMulShape is a batch of products [M × K]·[K × N]. A transposed operand is
// stored [K × M] or [N × K].
type MatMulShape struct {
	Batch, M, K, N         int
	TransposeA, TransposeB bool
}

// MatMulF32 returns the task of y = a·b, where both operands are only known at
// run time, for a pool of the given number of threads: every element is a chain
// of fused multiply-adds over k, ascending, from zero.
func MatMulF32(s MatMulShape, y, a, b []float32, threads int) Task {
	t := &matMulF32{}
	if s.Batch > 1 {
		threads = (threads + s.Batch - 1) / s.Batch
	}
	for i := range s.Batch {
		rows := rowsF32{a[i*s.M*s.K:][:s.M*s.K], s.K, false}
		if s.TransposeA {
			rows = rowsF32{rows.values, s.M, true}
		}
		values := b[i*s.K*s.N:][:s.K*s.N]
		var panels panelsF32 = plainPanels{values, s.N}
		if s.TransposeB {
			panels = transposedPanels{values, s.K}
		}
		result := y[i*s.M*s.N:][:s.M*s.N]
		t.products = append(t.products, newDynamicProductF32(s.M, s.N, s.K, result, s.N, rows, panels, threads))
	}
	return t
}

// matMulF32 is a batch of products of one shape.
type matMulF32 struct{ products []*dynamicProductF32 }

func (t *matMulF32) Tiles() int {
	if len(t.products) == 0 {
		return 0
	}
	return len(t.products) * t.products[0].Tiles()
}

func (t *matMulF32) Scratch() int {
	if len(t.products) == 0 {
		return 0
	}
	return t.products[0].Scratch()
}

func (t *matMulF32) Tile(i int, scratch []byte) {
	each := t.products[0].Tiles()
	t.products[i/each].Tile(i%each, scratch)
}

package kernels

import "megl-edge/kernels/asm"

// Matrices is one operand of attention: a matrix for each entry of a batch, its
// rows Stride elements apart.
type Matrices struct {
	Data    []float32
	Offsets []int // of each entry
	Stride  int
}

func (m *Matrices) row(entry, i, n int) []float32 {
	return m.Data[m.Offsets[entry]+i*m.Stride:][:n]
}

// AttentionShape is softmax(((q·QueryScale)·kᵀ)·ScoreScale)·v for each entry of a
// batch of heads: q [Queries × Depth], k [Keys × Depth], v [Keys × ValueDepth],
// the result [Queries × ValueDepth].
type AttentionShape struct {
	Batch, Queries, Keys, Depth, ValueDepth int
	QueryScale, ScoreScale                  float32
}

// MACs returns the multiply-accumulates.
func (s *AttentionShape) MACs() int64 {
	return int64(s.Batch) * int64(s.Queries) * int64(s.Keys) * int64(s.Depth+s.ValueDepth)
}

// attentionRows is how many rows of scores are in the cache at a time.
const attentionRows = 4 * asm.GemmS8Rows

// attention cuts the work into tiles: blocks of the queries of an entry.
type attention struct {
	AttentionShape
	y, q, k, v Matrices
	block      int // queries of a tile
}

func newAttention(s AttentionShape, y, q, k, v Matrices, threads int) attention {
	a := attention{s, y, q, k, v, s.Queries}
	if threads > 1 { // every tile packs the keys and values of its head
		split := (2*threads + s.Batch - 1) / s.Batch
		a.block = min(a.block, asm.PadRowsS8((s.Queries+split-1)/split))
	}
	return a
}

func (a *attention) blocks() int { return (a.Queries + a.block - 1) / a.block }

func (a *attention) Tiles() int { return a.Batch * a.blocks() }

func (a *attention) tile(i int) (entry, first, last int) {
	first = i % a.blocks() * a.block
	return i / a.blocks(), first, min(first+a.block, a.Queries)
}

func panelsOf(columns int) int { return (columns + panelCols - 1) / panelCols }

// scoreStride is the length of a row of scores, whole panels.
func (a *attention) scoreStride() int { return panelsOf(a.Keys) * panelCols }

// softmax turns rows of scores into weights.
func (a *attention) softmax(scores []float32, count int) {
	for r := range count {
		row := scores[r*a.scoreStride():][:a.Keys]
		if a.ScoreScale != 1 {
			for j, v := range row {
				row[j] = v * a.ScoreScale
			}
		}
		asm.SoftmaxF32(row, row)
	}
}

package kernels

import "megl-edge/kernels/asm"

// FormulaF32 is a number of elementwise operators on float32 values of one shape,
// of which each may read the results of those before it. A block of elements passes
// through all of them while it is in the first cache; each rounds as it does alone.
type FormulaF32 struct {
	Parts []FormulaPart
	// Blocks is how many results of parts are needed at the same time.
	Blocks int
}

// FormulaPart is one operator: Binary of both operands, or Unary or Gate of values
// that are no single number.
type FormulaPart struct {
	Binary RowsF32
	Unary  func(y, x []float32)
	// Gate is a gradient: it passes the first operand where the second lies in a range.
	Gate     func(y, a, b []float32)
	Operands [2]FormulaOperand // the first alone of Unary
	To       int               // the block that the result goes to; the last part's goes to the result
}

// FormulaOperand is where a part finds an operand.
type FormulaOperand struct {
	Block int // of an earlier part; or
	Input int // of the inputs of Bind, if Block is negative
}

// formulaBlock is the elements that pass at a time: 2 KB of each block.
const formulaBlock = 512

// Bind returns the task that computes y. An input has as many elements as y, or one,
// which stands for all.
func (f *FormulaF32) Bind(y []float32, inputs [][]float32) Task {
	return &formulaF32{FormulaF32: f, y: y, inputs: inputs}
}

type formulaF32 struct {
	*FormulaF32
	y      []float32
	inputs [][]float32
}

// formulaTile is the elements of a tile.
const formulaTile = 16 * formulaBlock

func (t *formulaF32) Tiles() int { return cut(len(t.y), formulaTile) }

func (t *formulaF32) Scratch() int { return t.Blocks * scratchBytes[float32](formulaBlock) }

func (t *formulaF32) Tile(i int, scratch []byte) {
	last := min((i+1)*formulaTile, len(t.y))
	for first := i * formulaTile; first < last; first += formulaBlock {
		t.block(first, min(formulaBlock, last-first), scratch)
	}
}

// block computes n elements from first on.
func (t *formulaF32) block(first, n int, scratch []byte) {
	block := func(i int) []float32 {
		values, _ := take[float32](scratch[i*scratchBytes[float32](formulaBlock):], n)
		return values
	}
	operand := func(o FormulaOperand) asm.RowF32 {
		if o.Block >= 0 {
			return asm.RowF32{Values: block(o.Block)}
		}
		if in := t.inputs[o.Input]; len(in) == len(t.y) {
			return asm.RowF32{Values: in[first:][:n]}
		} else {
			return asm.RowF32{Number: in[0]}
		}
	}
	for i := range t.Parts {
		p := &t.Parts[i]
		to := t.y[first:][:n]
		if i < len(t.Parts)-1 {
			to = block(p.To)
		}
		switch {
		case p.Binary != nil:
			p.Binary(to, operand(p.Operands[0]), operand(p.Operands[1]))
		case p.Unary != nil:
			p.Unary(to, operand(p.Operands[0]).Values)
		default:
			p.Gate(to, operand(p.Operands[0]).Values, operand(p.Operands[1]).Values)
		}
	}
}

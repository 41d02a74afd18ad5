package kernels

import "megl-edge/kernels/asm"

// dynamicProductF32 is a matrix product whose operands are only known at run time:
//
//	y[i][j] = 0, then fma(a[i][p], b[p][j], …) over p, ascending
//
// It is cut into blocks of rows and of panels of 16 columns, and the sums into
// stretches of productDepth: then a stretch of a few panels stays in the cache
// while all rows pass. The partial sums stand in y, so that nothing is rounded
// otherwise than in one stretch.
type dynamicProductF32 struct {
	m, n, k int
	y       []float32 // [m × n], rows ldy apart
	ldy     int
	a       rowsF32
	b       panelsF32
	blocking
}

// rowsF32 is the first operand: [m × k], or stored transposed, [k × m].
type rowsF32 struct {
	values     []float32
	ld         int // distance of stored rows
	transposed bool
}

// panelsF32 is the second operand.
type panelsF32 interface {
	// pack lays out a stretch of the columns from a multiple of 16 on as panels
	// [count][16], step elements apart; missing columns are 0.
	pack(panels []float32, step, firstColumn, lastColumn, first, count int, scratch []byte)
	// scratch returns the bytes of scratch memory that pack needs.
	scratch() int
}

const (
	productDepth  = 256
	productPanels = 12 // of 16 KB
	// transposedRows is how many rows of a transposed operand are laid out at a
	// time.
	transposedRows = 4 * asm.GemmF32Rows
)

func newDynamicProductF32(m, n, k int, y []float32, ldy int, a rowsF32, b panelsF32, threads int) *dynamicProductF32 {
	t := &dynamicProductF32{m: m, n: n, k: k, y: y, ldy: ldy, a: a, b: b}
	t.blocking = productBlocking(m, (n+asm.GemmF32Cols-1)/asm.GemmF32Cols, threads)
	return t
}

// productBlocking cuts rows × panels so that every thread gets a few tiles: first
// the panels, then the rows, of which a tile should have many, since it packs its
// panels itself.
func productBlocking(rows, panels, threads int) blocking {
	const fewRows = 2 * transposedRows
	b := blocking{positions: rows, allPanels: panels, blockRows: max(rows, 1), blockPanels: max(1, min(panels, productPanels)), g: 1}
	wanted := 1
	if threads > 1 {
		wanted = 4 * threads
	}
	for cut(panels, b.blockPanels)*cut(rows, b.blockRows) < wanted && (b.blockPanels > 4 || b.blockRows > fewRows) {
		if b.blockPanels > 4 {
			b.blockPanels = (b.blockPanels + 1) / 2
		} else {
			b.blockRows = max(fewRows, cut(b.blockRows/2, transposedRows)*transposedRows)
		}
	}
	b.rowBlocks, b.panelBlocks = cut(rows, b.blockRows), cut(panels, b.blockPanels)
	return b
}

func (t *dynamicProductF32) Tiles() int { return t.tiles() }

func (t *dynamicProductF32) Scratch() int {
	depth := min(t.k, productDepth)
	return scratchBytes[float32](t.blockPanels*depth*asm.GemmF32Cols) + scratchBytes[float32](transposedRows*depth) +
		scratchBytes[float32](asm.GemmF32Rows*asm.GemmF32Cols) + t.b.scratch()
}

func (t *dynamicProductF32) Tile(i int, scratch []byte) {
	const cols = asm.GemmF32Cols
	_, firstRow, lastRow, firstPanel, lastPanel := t.tile(i)
	lastColumn := min(lastPanel*cols, t.n)
	for row := firstRow; row < lastRow; row++ {
		clear(t.y[row*t.ldy:][firstPanel*cols : lastColumn])
	}
	depth := min(t.k, productDepth)
	panels, scratch := take[float32](scratch, t.blockPanels*depth*cols)
	rows, scratch := take[float32](scratch, transposedRows*depth)
	corner, scratch := take[float32](scratch, asm.GemmF32Rows*cols)
	for first := 0; first < t.k; first += productDepth {
		count := min(productDepth, t.k-first)
		t.b.pack(panels, depth*cols, firstPanel*cols, lastColumn, first, count, scratch)
		for row := firstRow; row < lastRow; row += transposedRows {
			m := min(transposedRows, lastRow-row)
			a, lda := t.a.stretch(rows, row, m, first, count)
			for r := 0; r < m; r += asm.GemmF32Rows {
				for panel := firstPanel; panel < lastPanel; panel++ {
					t.add(row+r, min(asm.GemmF32Rows, m-r), panel*cols, a[r*lda:], lda, panels[(panel-firstPanel)*depth*cols:], count, corner)
				}
			}
		}
	}
}

// add adds a stretch of the sums of m rows and one panel.
func (t *dynamicProductF32) add(row, m, column int, a []float32, lda int, panel []float32, count int, corner []float32) {
	const cols = asm.GemmF32Cols
	to := t.y[row*t.ldy+column:]
	n := min(cols, t.n-column)
	if n == cols {
		asm.GemmF32(to, t.ldy, a, lda, panel, m, count)
		return
	}
	for r := range m {
		copy(corner[r*cols:][:n], to[r*t.ldy:])
	}
	asm.GemmF32(corner, cols, a, lda, panel, m, count)
	for r := range m {
		copy(to[r*t.ldy:][:n], corner[r*cols:])
	}
}

// stretch returns m rows of a stretch of the sums, lda apart; scratch is for
// those of a transposed operand.
func (r *rowsF32) stretch(scratch []float32, row, m, first, count int) (rows []float32, lda int) {
	if !r.transposed {
		return r.values[row*r.ld+first:], r.ld
	}
	asm.TransposeF32(scratch, count, r.values[first*r.ld+row:], r.ld, count, m)
	return scratch, count
}

// plainPanels is a second operand [k × n], rows ld apart.
type plainPanels struct {
	values []float32
	ld     int
}

func (b plainPanels) scratch() int { return 0 }

func (b plainPanels) pack(panels []float32, step, firstColumn, lastColumn, first, count int, _ []byte) {
	for p := range count {
		spread(panels[p*asm.GemmF32Cols:], step, b.values[(first+p)*b.ld:][firstColumn:lastColumn])
	}
}

// spread copies a row to panels that are step elements apart.
func spread(panels []float32, step int, row []float32) {
	const cols = asm.GemmF32Cols
	for len(row) >= cols {
		copyPanelRow((*[cols]float32)(panels), (*[cols]float32)(row))
		if row = row[cols:]; len(row) == 0 {
			return
		}
		panels = panels[step:]
	}
	clear(panels[copy(panels[:cols], row):cols])
}

// copyPanelRow copies 16 numbers, four at a time: in one piece it would be a call
// of memmove, which takes as long again.
func copyPanelRow(to, from *[asm.GemmF32Cols]float32) {
	*(*[4]float32)(to[0:]) = *(*[4]float32)(from[0:])
	*(*[4]float32)(to[4:]) = *(*[4]float32)(from[4:])
	*(*[4]float32)(to[8:]) = *(*[4]float32)(from[8:])
	*(*[4]float32)(to[12:]) = *(*[4]float32)(from[12:])
}

// transposedPanels is a second operand stored [n × k], rows ld apart.
type transposedPanels struct {
	values []float32
	ld     int
}

func (b transposedPanels) scratch() int { return 0 }

func (b transposedPanels) pack(panels []float32, step, firstColumn, lastColumn, first, count int, _ []byte) {
	const cols = asm.GemmF32Cols
	for column := firstColumn; column < lastColumn; column += cols {
		panel, n := panels[(column-firstColumn)/cols*step:], min(cols, lastColumn-column)
		asm.TransposeF32(panel, cols, b.values[column*b.ld+first:], b.ld, n, count)
		for p := 0; n < cols && p < count; p++ {
			clear(panel[p*cols:][n:cols])
		}
	}
}

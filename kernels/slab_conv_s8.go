package kernels

import (
	"unsafe"

	"megl-edge/kernels/asm"
)

// inSlabs tells whether a convolution can read its image in place: a row of the
// kernel is then one run of neighbouring values.
func (s *ConvShape) inSlabs() bool {
	return asm.Indirect() && !s.pointwise() && s.Groups == 1 && s.Dilation[1] == 1
}

// slabs cuts a padded image into slabs: the rows that some lines of the result
// read. A slab is copied once, in the form of the product, and every position
// reads it where its kernel lies; gathering each position's values would copy
// them as often as the kernel has elements.
type slabs struct {
	shape *ConvShape
	width int // of a padded line of the image, in pixels
}

func newSlabs(s *ConvShape) *slabs {
	return &slabs{s, (s.OutWidth-1)*s.Stride[1] + s.KernelWidth}
}

// lines returns how many lines of the image some lines of the result read.
func (b *slabs) lines(results int) int {
	return (results-1)*b.shape.Stride[0] + (b.shape.KernelHeight-1)*b.shape.Dilation[0] + 1
}

// slabConvS8 is an int8 convolution over slabs; a tile is some lines of the result
// by some panels.
type slabConvS8 struct {
	*ConvS8
	y, x     []int8
	residual *ResidualS8

	count                    int // lines of a tile
	blocks                   int // of lines in an image
	panelBlocks, blockPanels int
}

// slabBytes is what a slab may take of the L2 cache.
const slabBytes = 128 << 10

func newSlabConvS8(c *ConvS8, y, x []int8, residual *ResidualS8, threads int) *slabConvS8 {
	t := &slabConvS8{ConvS8: c, y: y, x: x, residual: residual}
	s := &c.shape
	// Whole tiles of six rows fit into three lines of even width, into six of odd
	// width. More of them while they are short.
	lines := 3 + 3*(s.OutWidth%2)
	for lines*s.OutWidth < 16*asm.GemmS8Rows && t.slab(2*lines) <= slabBytes {
		lines *= 2
	}
	for lines > 1 && (t.slab(lines) > slabBytes || threads > 1 && lines*4*threads > s.OutHeight*s.Batch && lines*s.OutWidth > 4*asm.GemmS8Rows) {
		lines = (lines + 1) / 2
	}
	t.count = min(lines, s.OutHeight)
	t.blocks = (s.OutHeight + t.count - 1) / t.count
	split := 1
	if tiles := t.blocks * s.Batch; threads > 1 && tiles < 2*threads {
		split = min(c.panels, (2*threads+tiles-1)/tiles)
	}
	t.blockPanels = (c.panels + split - 1) / split
	t.panelBlocks = (c.panels + t.blockPanels - 1) / t.blockPanels
	return t
}

// pitch returns the bytes of a line of a slab.
func (t *slabConvS8) pitch() int { return t.weights.form.RowBytes(t.slabs.width * t.shape.Channels) }

// slab returns the bytes of a slab for some lines of the result: behind the last
// line comes what the padding of its last run reads.
func (t *slabConvS8) slab(lines int) int {
	return t.slabs.lines(lines)*t.pitch() + t.weights.form.RowBytes(t.weights.depth-t.weights.k)
}

func (t *slabConvS8) Tiles() int { return t.shape.Batch * t.blocks * t.panelBlocks }

func (t *slabConvS8) Scratch() int {
	return scratchBytes[uint8](t.slab(t.count)) + 2*scratchBytes[int32](asm.PadRowsS8(t.count*t.shape.OutWidth))
}

func (t *slabConvS8) Tile(i int, scratch []byte) {
	s := &t.shape
	firstPanel := i % t.panelBlocks * t.blockPanels
	i /= t.panelBlocks
	n, first := i/t.blocks, i%t.blocks*t.count
	lines := min(t.count, s.OutHeight-first)
	rows := lines * s.OutWidth

	slab, scratch := take[uint8](scratch, t.slab(lines))
	addends, scratch := take[int32](scratch, asm.PadRowsS8(rows))
	offsets, _ := take[int32](scratch, asm.PadRowsS8(rows))
	clear(addends)
	t.copyLines(slab, n, first*s.Stride[0]-s.PadTop, t.slabs.lines(lines))
	t.place(offsets, lines)
	product := asm.ProductS8{
		Form: t.weights.form, Weights: t.weights.weights, Depth: t.weights.depth,
		Segments: s.KernelHeight, SegmentStride: s.Dilation[0] * t.pitch(),
		Rows: rows, A: slab, Offsets: offsets, Addend: addends,
	}
	t.multiply(&product, t.y, t.residual, 0, (n*s.OutHeight+first)*s.OutWidth, firstPanel, min(firstPanel+t.blockPanels, t.panels))
}

// place computes where the positions of some lines start.
func (t *slabConvS8) place(offsets []int32, lines int) {
	s := &t.shape
	step, r := t.weights.form.RowBytes(s.Stride[1]*s.Channels), 0
	for line := range lines {
		at := line * s.Stride[0] * t.pitch()
		for range s.OutWidth {
			offsets[r] = int32(at)
			at += step
			r++
		}
	}
	fill(offsets[r:], offsets[r-1])
}

// copyLines copies lines of image n, from line top on, which may lie in the
// padding.
func (t *slabConvS8) copyLines(slab []byte, n, top, lines int) {
	s, form, pitch := &t.shape, t.weights.form, t.pitch()
	for i := range lines {
		line := slab[i*pitch:][:pitch]
		y := top + i
		if y < 0 || y >= s.Height {
			t.pad(line)
			continue
		}
		left := min(s.PadLeft, t.slabs.width)
		inside := min(s.Width, t.slabs.width-left)
		image := t.x[(n*s.Height+y)*s.Width*s.Channels:][:inside*s.Channels]
		from, to := form.RowBytes(left*s.Channels), form.RowBytes((left+inside)*s.Channels)
		t.pad(line[:from])
		form.Convert(line[from:], image)
		t.pad(line[to:])
	}
	clear(slab[lines*pitch:])
}

// pad fills a stretch with the zero point.
func (t *slabConvS8) pad(stretch []byte) {
	if t.weights.form == asm.FormPairs {
		fill(unsafe.Slice((*int16)(unsafe.Pointer(unsafe.SliceData(stretch))), len(stretch)/2), int16(t.xZero))
		return
	}
	fill(stretch, byte(int32(t.xZero)+t.weights.form.Offset()))
}

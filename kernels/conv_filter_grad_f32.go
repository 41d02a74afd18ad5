package kernels

import "megl-edge/kernels/asm"

// ConvFilterGradF32 returns the task of the gradient of a convolution of the given
// shape with respect to its filter, for a pool of the given number of threads:
//
//	dw = 0, then fma(dy, x, …) over batch, row and column of dy, ascending
//
// Padding is a product with zero. dw is [Filters, KernelHeight, KernelWidth,
// Channels/Groups].
func ConvFilterGradF32(s ConvShape, dw, x, dy []float32, threads int) Task {
	if s.Groups == s.Channels && s.Filters == s.Channels && s.Channels > 1 {
		return &depthwiseFilterGradF32{s, dw, x, dy}
	}
	depth, perGroup := s.depth(), s.Filters/s.Groups
	var groups sideBySide
	for g := range s.Groups {
		rows := rowsF32{dy[g*perGroup:], s.Filters, true}
		panels := imagePanels{shape: s, image: x, group: g}
		result := dw[g*perGroup*depth:]
		groups = append(groups, newDynamicProductF32(perGroup, depth, s.positions(), result, depth, rows, panels, (threads+s.Groups-1)/s.Groups))
	}
	return groups
}

// imagePanels is the matrix of what every position of a convolution's result
// reads: [positions × depth].
type imagePanels struct {
	shape ConvShape
	image []float32
	group int
}

func (b imagePanels) scratch() int {
	if b.whole() || b.shape.pointwise() {
		return 0
	}
	return scratchBytes[float32](b.shape.depth())
}

// whole tells whether every panel lies within one tap of the kernel.
func (b *imagePanels) whole() bool {
	return b.shape.Channels/b.shape.Groups%asm.GemmF32Cols == 0
}

func (b imagePanels) pack(panels []float32, step, firstColumn, lastColumn, first, count int, scratch []byte) {
	const cols = asm.GemmF32Cols
	switch {
	case b.shape.pointwise():
		plainPanels{b.image, b.shape.Channels}.pack(panels, step, firstColumn, lastColumn, first, count, nil)
		return
	case b.whole():
		for column := firstColumn; column < lastColumn; column += cols {
			b.packTap(panels[(column-firstColumn)/cols*step:], column, first, count)
		}
		return
	}
	row, _ := take[float32](scratch, b.shape.depth())
	for p := range count {
		gatherRow(&b.shape, row, b.image, first+p, b.group, 0)
		spread(panels[p*cols:], step, row[firstColumn:lastColumn])
	}
}

// packTap copies 16 channels that one tap reads, row after row of the result.
func (b *imagePanels) packTap(panel []float32, column, first, count int) {
	const cols = asm.GemmF32Cols
	s := &b.shape
	channels := s.Channels / s.Groups
	tap, channel := column/channels, b.group*channels+column%channels
	ky, kx := tap/s.KernelWidth, tap%s.KernelWidth
	inFirst, inLast := s.inside(kx)
	n, y, x := s.pixel(first)
	for done := 0; done < count; x = 0 {
		run := min(s.OutWidth-x, count-done)
		rows := panel[done*cols:][:run*cols]
		left, right := min(max(inFirst-x, 0), run), min(max(inLast-x, 0), run)
		at := s.source(0, y, ky)
		if at < 0 || left >= right {
			clear(rows)
		} else {
			clear(rows[:left*cols])
			pixel := (n*s.Height+at)*s.Width + (x+left)*s.Stride[1] - s.PadLeft + kx*s.Dilation[1]
			copyColumns(rows[left*cols:right*cols], b.image[pixel*s.Channels+channel:], s.Stride[1]*s.Channels)
			clear(rows[right*cols:])
		}
		done += run
		if y++; y == s.OutHeight {
			y = 0
			n++
		}
	}
}

// copyColumns copies 16 numbers of rows that are step apart.
func copyColumns(to, from []float32, step int) {
	const cols = asm.GemmF32Cols
	for at := 0; len(to) >= cols; at += step {
		copyPanelRow((*[cols]float32)(to), (*[cols]float32)(from[at:]))
		to = to[cols:]
	}
}

// depthwiseFilterGradF32 is the gradient of a depthwise convolution's filter; a
// tile is one tap of a block of channels.
type depthwiseFilterGradF32 struct {
	ConvShape
	dw, x, dy []float32
}

// depthwiseGradBlock is the channels of a tile.
const depthwiseGradBlock = 64

func (t *depthwiseFilterGradF32) Tiles() int {
	return t.taps() * ((t.Channels + depthwiseGradBlock - 1) / depthwiseGradBlock)
}

func (t *depthwiseFilterGradF32) Scratch() int {
	return 2 * scratchBytes[float32](depthwiseGradBlock)
}

func (t *depthwiseFilterGradF32) Tile(i int, scratch []byte) {
	tap, first := i%t.taps(), i/t.taps()*depthwiseGradBlock
	n := min(depthwiseGradBlock, t.Channels-first)
	sums, scratch := take[float32](scratch, n)
	zeros, _ := take[float32](scratch, n)
	clear(sums)
	clear(zeros)
	ky, kx := tap/t.KernelWidth, tap%t.KernelWidth
	inFirst, inLast := t.inside(kx)
	for row := range t.Batch * t.OutHeight {
		dy := t.dy[row*t.OutWidth*t.Channels+first:]
		y := t.source(0, row%t.OutHeight, ky)
		from, to := inFirst, inLast
		if y < 0 {
			from, to = t.OutWidth, t.OutWidth
		}
		asm.AccumulateProductsF32(sums, zeros, 0, dy, t.Channels, from)
		if to > from {
			left := from*t.Stride[1] - t.PadLeft + kx*t.Dilation[1]
			x := t.x[((row/t.OutHeight*t.Height+y)*t.Width+left)*t.Channels+first:]
			asm.AccumulateProductsF32(sums, x, t.Stride[1]*t.Channels, dy[from*t.Channels:], t.Channels, to-from)
		}
		if to < t.OutWidth {
			asm.AccumulateProductsF32(sums, zeros, 0, dy[to*t.Channels:], t.Channels, t.OutWidth-to)
		}
	}
	for c, sum := range sums {
		t.dw[(first+c)*t.taps()+tap] = sum
	}
}

// inside returns the range of output columns for which column kx of the kernel
// reads a pixel of the image.
func (s *ConvShape) inside(kx int) (first, last int) {
	shift, stride := kx*s.Dilation[1]-s.PadLeft, s.Stride[1]
	first = min((max(-shift, 0)+stride-1)/stride, s.OutWidth)
	last = first
	if room := s.Width - 1 - shift; room >= 0 {
		last = max(first, min(room/stride+1, s.OutWidth))
	}
	return first, last
}

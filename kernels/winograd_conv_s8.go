package kernels

import (
	"megl-edge/kernels/asm"
)

// winogradWeights are the weights of a 3×3 convolution, transformed: four times
// G·g·Gᵀ, whole numbers of magnitude up to 9·128.
type winogradWeights struct {
	depth  int     // channels, made even
	values []int16 // [panels][16][depth/2][16][2]
	bias   []int32 // [panels·16]: padding holds the zero point of x, what it adds is taken off
	scale  []float32
}

// mostWinogradChannels keeps four times a result in int32: 9·channels products of
// int8. Sums that wrap on the way there wrap back.
const mostWinogradChannels = (1<<31 - 1) / (4 * 9 * 128 * 128)

// winogradPays tells whether the transforms cost less than the products that they
// save: measured at AVX2, where a product of int16 costs what one of int8 does,
// layers of 64 to 512 channels run 1.7 to 1.9 times as fast. Where bytes are
// multiplied twice as fast or better (VNNI, narrow weights, symmetric ones in NEON),
// they do not.
func (s *ConvShape) winogradPays(weights asm.WeightsS8) bool {
	return s.is3x3() && s.Groups == 1 && s.Stride == [2]int{1, 1} && s.Dilation == [2]int{1, 1} &&
		s.Channels >= 32 && s.Channels <= mostWinogradChannels && s.Filters >= 16 && s.OutHeight*s.OutWidth >= 100 &&
		asm.WinogradPays(weights)
}

// packWinograd transforms the filters w, [Filters, 3, 3, Channels].
func (c *ConvS8) packWinograd(w []int8, bias []int32, scale []float32) {
	channels := c.shape.Channels
	c.panels = panelsOf(c.shape.Filters)
	p := &winogradWeights{depth: (channels + 1) / 2 * 2}
	p.values = make([]int16, c.panels*asm.WinogradS8Products*p.depth*panelCols)
	p.bias, p.scale = make([]int32, c.panels*panelCols), make([]float32, c.panels*panelCols)
	copy(p.scale, scale)
	for filter := range c.shape.Filters {
		g := w[filter*9*channels:][:9*channels]
		column := p.values[filter/panelCols*asm.WinogradS8Products*p.depth*panelCols+filter%panelCols*2:]
		for channel := range channels {
			for product, v := range transformedFilter(g[channel:], channels) {
				column[product*p.depth*panelCols+channel/2*2*panelCols+channel%2] = v
			}
		}
		p.bias[filter] = bias[filter] - int32(c.xZero)*asm.SumS8(g)
	}
	c.winograd = p
}

// transformedFilter returns 2G·g·(2G)ᵀ for a filter whose elements are step apart,
// with
//
//	2G = ⎡2  0  0⎤
//	     ⎢1  1  1⎥
//	     ⎢1 −1  1⎥
//	     ⎣0  0  2⎦
func transformedFilter(g []int8, step int) (u [asm.WinogradS8Products]int16) {
	transform := func(a, b, c int16) [4]int16 { return [4]int16{2 * a, a + b + c, a - b + c, 2 * c} }
	var rows [4][3]int16
	for x := range 3 {
		at := func(y int) int16 { return int16(g[(3*y+x)*step]) }
		for i, v := range transform(at(0), at(1), at(2)) {
			rows[i][x] = v
		}
	}
	for i, r := range rows {
		for j, v := range transform(r[0], r[1], r[2]) {
			u[4*i+j] = v
		}
	}
	return u
}

func (p *winogradWeights) bytes() int { return 2*len(p.values) + 4*(len(p.bias)+len(p.scale)) }

// winogradConvS8 is a convolution by Winograd's F(2×2, 3×3), exact: a tile is some
// pairs of lines of the result by some panels.
type winogradConvS8 struct {
	*ConvS8
	y, x     []int8
	residual *ResidualS8

	across                   int // patches in a line
	pairs                    int // of lines in a tile
	blocks                   int // of pairs in an image
	panelBlocks, blockPanels int
}

// A block should have enough patches that the weights of a panel, read once for
// all of them, are not what takes the time, and few enough that their transforms
// stay in the L2 cache.
const (
	fewestPatches = 24
	mostPatches   = 96
	winogradBytes = 256 << 10
)

// pairsOfLines returns how many pairs of lines a block has, of all there are:
// those that leave the least of the product's tiles of six rows empty.
func pairsOfLines(across, all, patchBytes int) int {
	best := 1
	waste := func(pairs int) float64 {
		return float64(asm.PadRowsS8(pairs*across)) / float64(pairs*across)
	}
	for pairs := 2; pairs <= all; pairs++ {
		patches := pairs * across
		if patches > mostPatches || patches*patchBytes > winogradBytes {
			break
		}
		if best*across < fewestPatches || waste(pairs) < waste(best) {
			best = pairs
		}
	}
	return best
}

func newWinogradConvS8(c *ConvS8, y, x []int8, residual *ResidualS8, threads int) *winogradConvS8 {
	t := &winogradConvS8{ConvS8: c, y: y, x: x, residual: residual}
	s := &c.shape
	t.across = (s.OutWidth + 1) / 2
	all := (s.OutHeight + 1) / 2
	t.pairs = pairsOfLines(t.across, all, 2*asm.WinogradS8Products*c.winograd.depth)
	t.blocks = (all + t.pairs - 1) / t.pairs
	split := 1
	if tiles := t.blocks * s.Batch; threads > 1 && tiles < 2*threads {
		split = min(c.panels, (2*threads+tiles-1)/tiles)
	}
	t.blockPanels = (c.panels + split - 1) / split
	t.panelBlocks = (c.panels + t.blockPanels - 1) / t.blockPanels
	return t
}

func (t *winogradConvS8) Tiles() int { return t.shape.Batch * t.blocks * t.panelBlocks }

// width is the length of a padded line of the image, in pixels.
func (t *winogradConvS8) width() int { return 2*t.across + 2 }

// patches returns the patches of a block, padded to whole tiles of the product.
func (t *winogradConvS8) patches() int { return asm.PadRowsS8(t.pairs * t.across) }

func (t *winogradConvS8) Scratch() int {
	return scratchBytes[int8]((2*t.pairs+2)*t.width()*t.shape.Channels) +
		scratchBytes[int16](asm.WinogradS8Products*t.patches()*t.winograd.depth) +
		scratchBytes[int32](asm.WinogradS8Products*t.patches()*panelCols) + scratchBytes[int8](4*panelCols)
}

func (t *winogradConvS8) Tile(i int, scratch []byte) {
	s, depth := &t.shape, t.winograd.depth
	firstPanel := i % t.panelBlocks * t.blockPanels
	i /= t.panelBlocks
	n, first := i/t.blocks, i%t.blocks*t.pairs
	pairs := min(t.pairs, (s.OutHeight+1)/2-first)
	line, patches := t.width()*s.Channels, t.patches()

	image, scratch := take[int8](scratch, (2*t.pairs+2)*line)
	v, scratch := take[int16](scratch, asm.WinogradS8Products*patches*depth)
	sums, scratch := take[int32](scratch, asm.WinogradS8Products*patches*panelCols)
	unused, _ := take[int8](scratch, 4*panelCols)
	t.copyLines(image, n, 2*first-s.PadTop, 2*pairs+2)
	if depth > s.Channels {
		clear(v)
	}
	for pair := range pairs {
		asm.WinogradInputS8(v[pair*t.across*depth:], patches*depth, depth, image[2*pair*line:], line, t.across, s.Channels)
	}
	for panel := firstPanel; panel < min(firstPanel+t.blockPanels, t.panels); panel++ {
		t.multiply(sums, v, panel, pairs*t.across)
		t.finish(sums, unused, n, 2*first, pairs, panel)
	}
	if t.residual != nil {
		rows := min(2*pairs, s.OutHeight-2*first) * s.OutWidth
		t.addResidual(t.residual, t.y, 0, (n*s.OutHeight+2*first)*s.OutWidth, rows, firstPanel, min(firstPanel+t.blockPanels, t.panels))
	}
}

// multiply computes the 16 products of count patches with one panel.
func (t *winogradConvS8) multiply(sums []int32, v []int16, panel, count int) {
	depth, patches := t.winograd.depth, t.patches()
	for product := range asm.WinogradS8Products {
		weights := t.winograd.values[(panel*asm.WinogradS8Products+product)*depth*panelCols:][:depth*panelCols]
		for p := 0; p < count; p += asm.GemmS8Rows {
			at := product*patches + p
			asm.GemmS16(sums[at*panelCols:], panelCols, v[at*depth:], depth, weights, min(asm.GemmS8Rows, count-p), depth)
		}
	}
}

// finish writes 16 filters of pairs of lines, from line first on. What lies
// outside of the result, or has no filter, goes to unused memory.
func (t *winogradConvS8) finish(sums []int32, unused []int8, n, first, pairs, panel int) {
	s, column := &t.shape, panel*panelCols
	filters := min(panelCols, s.Filters-column)
	bias, scale := t.winograd.bias[column:], t.winograd.scale[column:]
	stride := t.patches() * panelCols
	var dst [4][]int8
	for pair := range pairs {
		y := first + 2*pair
		for across := range t.across {
			x, p := 2*across, pair*t.across+across
			whole := filters == panelCols && y+1 < s.OutHeight && x+1 < s.OutWidth
			for k := range dst {
				if whole {
					dst[k] = t.y[t.position(n, y+k/2, x+k%2)+column:]
				} else {
					dst[k] = unused[k*panelCols:][:panelCols]
				}
			}
			asm.WinogradOutputS8(&dst, sums[p*panelCols:], stride, bias, scale, t.output)
			for k := 0; k < len(dst) && !whole; k++ {
				if y+k/2 < s.OutHeight && x+k%2 < s.OutWidth {
					copy(t.y[t.position(n, y+k/2, x+k%2)+column:][:filters], dst[k])
				}
			}
		}
	}
}

// position returns where a pixel of the result starts.
func (t *winogradConvS8) position(n, y, x int) int {
	return ((n*t.shape.OutHeight+y)*t.shape.OutWidth + x) * t.shape.Filters
}

// copyLines copies lines of image n, from line top on, with padding.
func (t *winogradConvS8) copyLines(lines []int8, n, top, count int) {
	s, length := &t.shape, t.width()*t.shape.Channels
	for i := range count {
		line, y := lines[i*length:][:length], top+i
		if y < 0 || y >= s.Height {
			fill(line, t.xZero)
			continue
		}
		left := min(s.PadLeft*s.Channels, length)
		fill(line[:left], t.xZero)
		copied := copy(line[left:], t.x[(n*s.Height+y)*s.Width*s.Channels:][:s.Width*s.Channels])
		fill(line[left+copied:], t.xZero)
	}
}

package kernels

import "megl-edge/kernels/asm"

// depthwiseTaps reads the image of a depthwise convolution of any kernel, one
// output row at a time.
type depthwiseTaps[T int8 | float32] struct {
	shape *ConvShape
	image []T
	pad   T // what padding holds
}

// width is the length of a padded row of the image.
func (d *depthwiseTaps[T]) width() int {
	s := d.shape
	return (s.OutWidth-1)*s.Stride[1] + (s.KernelWidth-1)*s.Dilation[1] + 1
}

func (d *depthwiseTaps[T]) scratch() int {
	return scratchBytes[T](d.shape.KernelHeight * d.width() * d.shape.Channels)
}

// tapList has room for the rows of all taps.
type tapList[T int8 | float32] [asm.MaxDepthwiseTaps][]T

// taps sets the rows of all taps of output row i, counted over the batch, in
// padded copies of the image's rows.
func (d *depthwiseTaps[T]) taps(list *tapList[T], i int, scratch []byte) [][]T {
	s := d.shape
	length := d.width() * s.Channels
	rows, _ := take[T](scratch, s.KernelHeight*length)
	for ky := range s.KernelHeight {
		row := rows[ky*length:][:length]
		d.padded(row, i/s.OutHeight, s.source(0, i%s.OutHeight, ky))
		for kx := range s.KernelWidth {
			list[ky*s.KernelWidth+kx] = row[kx*s.Dilation[1]*s.Channels:]
		}
	}
	return list[:s.taps()]
}

// padded copies row y of image n, or makes one of padding where y is negative.
func (d *depthwiseTaps[T]) padded(row []T, n, y int) {
	s := d.shape
	left, skipped := min(max(s.PadLeft, 0), d.width()), min(max(-s.PadLeft, 0), s.Width)
	if y < 0 {
		left = d.width()
	}
	fill(row[:left*s.Channels], d.pad)
	if left == d.width() {
		return
	}
	rest := row[left*s.Channels:]
	image := d.image[(n*s.Height+y)*s.Width*s.Channels:][skipped*s.Channels : s.Width*s.Channels]
	fill(rest[copy(rest, image):], d.pad)
}

// depthwiseTapsS8 is an int8 depthwise convolution; a tile is one output row.
type depthwiseTapsS8 struct {
	*ConvS8
	depthwiseTaps[int8]
	y        []int8
	residual *ResidualS8
}

func (t *depthwiseTapsS8) Tiles() int { return t.ConvS8.shape.Batch * t.ConvS8.shape.OutHeight }

func (t *depthwiseTapsS8) Scratch() int { return t.scratch() }

func (t *depthwiseTapsS8) Tile(i int, scratch []byte) {
	s := &t.ConvS8.shape
	length := s.OutWidth * s.Channels
	var list tapList[int8]
	t.anyKernel.Run(t.y[i*length:][:length], t.taps(&list, i, scratch), s.OutWidth, s.Stride[1]*s.Channels)
	if t.residual != nil {
		t.residual.add(t.y, i*length, length)
	}
}

// depthwiseTapsF32 is a float32 depthwise convolution; a tile is one output row.
type depthwiseTapsF32 struct {
	*ConvF32
	depthwiseTaps[float32]
	y        []float32
	epilogue EpilogueF32
}

func (t *depthwiseTapsF32) Tiles() int { return t.ConvF32.shape.Batch * t.ConvF32.shape.OutHeight }

func (t *depthwiseTapsF32) Scratch() int { return t.rowScratch() + t.scratch() }

func (t *depthwiseTapsF32) Tile(i int, scratch []byte) {
	s := &t.ConvF32.shape
	row, scratch := t.outputRow(t.y, i, scratch)
	var list tapList[float32]
	asm.DepthwiseTapsF32(row, t.bias, t.taps(&list, i, scratch), s.OutWidth, s.Stride[1]*s.Channels, s.Channels, t.weights)
	t.finishRow(t.y, row, i, &t.epilogue)
}

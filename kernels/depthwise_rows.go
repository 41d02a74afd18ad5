package kernels

// depthwiseRows walks the image of a 3×3 depthwise convolution, one output row
// at a time.
type depthwiseRows[T int8 | float32] struct {
	shape *ConvShape
	image []T
	pad   T // what padding holds
	// The output columns first ≤ x < last read no padding on either side.
	first, last int
}

func newDepthwiseRows[T int8 | float32](s *ConvShape, image []T, pad T) depthwiseRows[T] {
	stride, reach := s.Stride[1], 2*s.Dilation[1]
	first := min(max(s.PadLeft+stride-1, 0)/stride, s.OutWidth)
	last := first
	if room := s.Width - 1 - reach + s.PadLeft; room >= 0 {
		last = max(first, min(room/stride+1, s.OutWidth))
	}
	return depthwiseRows[T]{s, image, pad, first, last}
}

// taps is what a microkernel reads for a run of output columns: three rows from
// the leftmost tap on, and the steps from pixel to pixel and from tap to tap.
type taps[T int8 | float32] struct {
	rows               [3][]T
	x, pixels          int // the output columns
	pixelStep, tapStep int
}

// scratch returns the bytes of scratch memory that walk needs.
func (d *depthwiseRows[T]) scratch() int {
	return scratchBytes[T](d.shape.Width*d.shape.Channels) + scratchBytes[T](9*d.shape.Channels)
}

// walk calls compute for all columns of output row i, counted over the batch:
// once for the columns that read no padding, once for each other column, from a
// padded copy of its taps.
func (d *depthwiseRows[T]) walk(i int, scratch []byte, compute func(taps[T])) {
	s := d.shape
	padding, scratch := take[T](scratch, s.Width*s.Channels)
	patch, _ := take[T](scratch, 9*s.Channels)
	rows := d.inputRows(i/s.OutHeight, i%s.OutHeight, padding)
	for x := 0; x < d.first; x++ {
		compute(d.edge(rows, x, patch))
	}
	if d.last > d.first {
		left := (d.first*s.Stride[1] - s.PadLeft) * s.Channels
		inside := [3][]T{rows[0][left:], rows[1][left:], rows[2][left:]}
		compute(taps[T]{inside, d.first, d.last - d.first, s.Stride[1] * s.Channels, s.Dilation[1] * s.Channels})
	}
	for x := d.last; x < s.OutWidth; x++ {
		compute(d.edge(rows, x, patch))
	}
}

// inputRows returns the three image rows that output row y of image n reads.
func (d *depthwiseRows[T]) inputRows(n, y int, padding []T) (rows [3][]T) {
	s := d.shape
	length := s.Width * s.Channels
	for ky := range rows {
		if row := s.source(0, y, ky); row >= 0 {
			rows[ky] = d.image[(n*s.Height+row)*length:][:length]
			continue
		}
		fill(padding, d.pad)
		rows[ky] = padding
	}
	return rows
}

// edge copies the taps of one output column.
func (d *depthwiseRows[T]) edge(rows [3][]T, x int, patch []T) taps[T] {
	c := d.shape.Channels
	for kx := range 3 {
		column := d.shape.source(1, x, kx)
		for ky, row := range rows {
			tap := patch[(ky*3+kx)*c:][:c]
			if column < 0 {
				fill(tap, d.pad)
			} else {
				copy(tap, row[column*c:])
			}
		}
	}
	return taps[T]{[3][]T{patch, patch[3*c:], patch[6*c:]}, x, 1, c, c}
}

package kernels

// ConvInputGradF32 is the prepared gradient of a convolution with respect to its
// image, weights packed:
//
//	dx = 0, then fma over the result's pixels that x went into, in row-major
//	order, and their channels, ascending
//
// A pixel that lies outside of the result is a product with zero. Every stride-th
// row and column of the image reads the same part of the filter: dx is that many
// plain convolutions of dy, with as many parts of the filter turned around.
type ConvInputGradF32 struct {
	shape ConvShape // of the convolution
	parts []*ConvF32
	gaps  bool // some pixels of the image are in no part: nothing read them
}

// NewConvInputGradF32 packs the filter w of the convolution of the given shape.
func NewConvInputGradF32(shape ConvShape, w []float32) *ConvInputGradF32 {
	c := convInputGradOf(shape)
	c.place(alignedBytes(c.weightBytes()))
	runHere(c.packing(w))
	return c
}

// ConvInputGradF32Task returns the task of a gradient whose filter is only known
// at run time, for a pool of the given number of threads: every run packs it
// first.
func ConvInputGradF32Task(shape ConvShape, dx, dy, w []float32, threads int) Task {
	c := convInputGradOf(shape)
	return &packed{Stages{c.packing(w), c.Bind(dx, dy, threads)}, c.weightBytes(), c.place}
}

// place says where the packed weights of all parts lie.
func (c *ConvInputGradF32) place(memory []byte) {
	for _, part := range c.parts {
		part.place(memory)
		memory = memory[part.weightBytes():]
	}
}

func (c *ConvInputGradF32) weightBytes() int {
	n := 0
	for _, part := range c.parts {
		n += part.weightBytes()
	}
	return n
}

func (c *ConvInputGradF32) packing(w []float32) Task {
	var parts sideBySide
	for _, part := range c.parts {
		parts = append(parts, part.packing(w, nil))
	}
	return parts
}

// Bytes returns the memory that the packed weights take.
func (c *ConvInputGradF32) Bytes() int {
	n := 0
	for _, part := range c.parts {
		n += part.Bytes()
	}
	return n
}

// Bind returns the task that computes dx from dy, for a pool of the given number
// of threads.
func (c *ConvInputGradF32) Bind(dx, dy []float32, threads int) Task {
	var parts sideBySide
	for _, part := range c.parts {
		parts = append(parts, part.Bind(dx, dy, EpilogueF32{}, threads))
	}
	if !c.gaps {
		return parts
	}
	row := c.shape.Width * c.shape.Channels
	zero := Rows(c.shape.Batch*c.shape.Height, rowsPerTile(row), func(first, last int) { clear(dx[first*row : last*row]) })
	return Stages{zero, parts}
}

// phase is every stride-th row or column of the image, from the first on.
type phase struct {
	first, count  int
	taps          []int // of the kernel that these read, from the last to the first
	pad, dilation int   // of the convolution that computes them
}

// phases returns the phases of an axis that any tap reads.
func (s *ConvShape) phases(axis int) []phase {
	length, taps, pad := s.Height, s.KernelHeight, s.PadTop
	if axis == 1 {
		length, taps, pad = s.Width, s.KernelWidth, s.PadLeft
	}
	stride, dilation := s.Stride[axis], s.Dilation[axis]
	var phases []phase
	index := map[int]int{}
	for tap := taps - 1; tap >= 0; tap-- {
		shift := tap*dilation - pad
		first := (shift%stride + stride) % stride
		if first >= length {
			continue
		}
		i, found := index[first]
		if !found {
			i = len(phases)
			index[first] = i
			// Row first of the image is read at (first − shift)/stride.
			phases = append(phases, phase{first: first, count: (length-first-1)/stride + 1, pad: (shift - first) / stride, dilation: 1})
		}
		p := &phases[i]
		if len(p.taps) == 1 {
			p.dilation = (p.taps[0] - tap) * dilation / stride
		}
		p.taps = append(p.taps, tap)
	}
	return phases
}

func convInputGradOf(shape ConvShape) *ConvInputGradF32 {
	c := &ConvInputGradF32{shape: shape}
	rows, columns := shape.phases(0), shape.phases(1)
	covered := 0
	for _, row := range rows {
		for _, column := range columns {
			c.parts = append(c.parts, shape.phaseConv(row, column))
			covered += row.count * column.count
		}
	}
	c.gaps = covered < shape.Height*shape.Width
	return c
}

// phaseConv returns the convolution of dy that computes one phase of rows and
// columns of dx.
func (s *ConvShape) phaseConv(row, column phase) *ConvF32 {
	c := newConvF32(ConvShape{
		Batch: s.Batch, Height: s.OutHeight, Width: s.OutWidth, Channels: s.Filters,
		OutHeight: row.count, OutWidth: column.count, Filters: s.Channels,
		KernelHeight: len(row.taps), KernelWidth: len(column.taps),
		Stride: [2]int{1, 1}, Dilation: [2]int{row.dilation, column.dilation},
		PadTop: row.pad, PadLeft: column.pad, Groups: s.Groups,
	})
	c.order.allTaps = s.taps()
	for _, y := range row.taps {
		for _, x := range column.taps {
			c.order.taps = append(c.order.taps, y*s.KernelWidth+x)
		}
	}
	if row.count < s.Height || column.count < s.Width {
		c.lattice = &lattice{s.Height, s.Width, row.first, column.first, s.Stride}
	}
	return c
}

package kernels

// PoolShape places a pooling window on an image [Batch, Height, Width,
// Channels].
type PoolShape struct {
	Batch, Height, Width, Channels int
	OutHeight, OutWidth            int
	Kernel, Stride                 [2]int // [height, width]
	PadTop, PadLeft                int
	CountPadding                   bool // an average divides by the whole window
}

// window returns the part of the image that an output pixel covers: rows top
// to bottom and columns left to right, the last ones excluded.
func (s *PoolShape) window(y, x int) (top, bottom, left, right int) {
	top, left = y*s.Stride[0]-s.PadTop, x*s.Stride[1]-s.PadLeft
	bottom, right = min(top+s.Kernel[0], s.Height), min(left+s.Kernel[1], s.Width)
	return max(top, 0), bottom, max(left, 0), right
}

// count returns what the average of a window is divided by.
func (s *PoolShape) count(top, bottom, left, right int) int {
	if s.CountPadding {
		return s.Kernel[0] * s.Kernel[1]
	}
	return (bottom - top) * (right - left)
}

// pool is a task whose tiles are rows of output pixels.
type pool struct {
	PoolShape
	// pixel computes output pixel number i from the given window of image n.
	pixel   func(i, n, top, bottom, left, right int, scratch []byte)
	scratch int
}

func (p *pool) Tiles() int   { return p.Batch * p.OutHeight }
func (p *pool) Scratch() int { return p.scratch }

func (p *pool) Tile(i int, scratch []byte) {
	for x := range p.OutWidth {
		top, bottom, left, right := p.window(i%p.OutHeight, x)
		p.pixel(i*p.OutWidth+x, i/p.OutHeight, top, bottom, left, right, scratch)
	}
}

// at returns the offset of a pixel's channels in the image.
func (s *PoolShape) at(n, y, x int) int { return ((n*s.Height+y)*s.Width + x) * s.Channels }

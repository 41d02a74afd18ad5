package kernels

import "megl-edge/kernels/asm"

// ConvShape places a convolution: the image [Batch, Height, Width, Channels],
// the filter [Filters, KernelHeight, KernelWidth, Channels/Groups] and the
// result [Batch, OutHeight, OutWidth, Filters]. Negative padding leaves pixels of
// the image out.
type ConvShape struct {
	Batch, Height, Width, Channels int
	OutHeight, OutWidth, Filters   int
	KernelHeight, KernelWidth      int
	Stride, Dilation               [2]int // [height, width]
	PadTop, PadLeft                int
	Groups                         int
}

// positions returns the number of output pixels.
func (s *ConvShape) positions() int { return s.Batch * s.OutHeight * s.OutWidth }

// depth returns the length of the sums: the pixels of the kernel times the
// channels of one group.
func (s *ConvShape) depth() int {
	return s.KernelHeight * s.KernelWidth * s.Channels / s.Groups
}

// pointwise tells whether the rows of the matrix product are the image itself.
func (s *ConvShape) pointwise() bool {
	return s.KernelHeight == 1 && s.KernelWidth == 1 && s.Stride == [2]int{1, 1} &&
		s.PadTop == 0 && s.PadLeft == 0 && s.Groups == 1 &&
		s.OutHeight == s.Height && s.OutWidth == s.Width
}

// depthwise tells whether every channel has one filter of its own, no larger than
// the kernels for that take.
func (s *ConvShape) depthwise() bool {
	return s.Groups == s.Channels && s.Filters == s.Channels && s.Channels > 1 && s.taps() <= asm.MaxDepthwiseTaps
}

func (s *ConvShape) taps() int { return s.KernelHeight * s.KernelWidth }

func (s *ConvShape) is3x3() bool { return s.KernelHeight == 3 && s.KernelWidth == 3 }

// source returns the image row (axis 0) or column (axis 1) that kernel position
// k of output position out reads, or −1 where it reads padding.
func (s *ConvShape) source(axis, out, k int) int {
	pad, length := s.PadTop, s.Height
	if axis == 1 {
		pad, length = s.PadLeft, s.Width
	}
	at := out*s.Stride[axis] - pad + k*s.Dilation[axis]
	if at < 0 || at >= length {
		return -1
	}
	return at
}

// pixel splits an output position into batch, row and column.
func (s *ConvShape) pixel(position int) (n, y, x int) {
	x = position % s.OutWidth
	y = position / s.OutWidth % s.OutHeight
	return position / (s.OutWidth * s.OutHeight), y, x
}

// gatherRow writes one row of the matrix product: the image values that an output
// position reads for a group of channels, in order of kernel row, kernel column
// and channel.
func gatherRow[T any](s *ConvShape, row, image []T, position, group int, padding T) {
	n, y, x := s.pixel(position)
	channels := s.Channels / s.Groups
	width := s.KernelWidth * channels
	left := s.wholeRow(x)
	for ky := range s.KernelHeight {
		part := row[ky*width:][:width]
		at := s.source(0, y, ky)
		if at < 0 {
			fill(part, padding)
			continue
		}
		base := (n*s.Height+at)*s.Width*s.Channels + group*channels
		if left >= 0 {
			copy(part, image[base+left*s.Channels:])
			continue
		}
		for kx := range s.KernelWidth {
			pixel := part[kx*channels:][:channels]
			if column := s.source(1, x, kx); column >= 0 {
				copy(pixel, image[base+column*s.Channels:])
			} else {
				fill(pixel, padding)
			}
		}
	}
}

// gatherStretch writes the part of [gatherRow]'s row that begins at first.
func gatherStretch[T any](s *ConvShape, part, image []T, position, group, first int, padding T) {
	if first == 0 && len(part) == s.depth() {
		gatherRow(s, part, image, position, group, padding)
		return
	}
	n, y, x := s.pixel(position)
	channels := s.Channels / s.Groups
	tap, channel := first/channels, first%channels
	for len(part) > 0 {
		run := part[:min(channels-channel, len(part))]
		row, column := s.source(0, y, tap/s.KernelWidth), s.source(1, x, tap%s.KernelWidth)
		if row >= 0 && column >= 0 {
			copy(run, image[((n*s.Height+row)*s.Width+column)*s.Channels+group*channels+channel:])
		} else {
			fill(run, padding)
		}
		part, tap, channel = part[len(run):], tap+1, 0
	}
}

// wholeRow returns the first column that output column x reads, if a row of the
// kernel reads consecutive values of the image and no padding; otherwise −1.
func (s *ConvShape) wholeRow(x int) int {
	if s.Dilation[1] != 1 || s.Groups != 1 {
		return -1
	}
	left := x*s.Stride[1] - s.PadLeft
	if left < 0 || left+s.KernelWidth > s.Width {
		return -1
	}
	return left
}

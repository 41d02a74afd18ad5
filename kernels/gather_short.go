package kernels

// shortRun is the longest run of values that gatherShort copies, in blocks of 16.
const shortRun = 32

// shortRows tells whether a row of the kernel reads so few neighbouring values
// that a call for each copy would take longer than the copy: images of three
// channels.
func (s *ConvShape) shortRows() bool {
	return s.KernelWidth*s.Channels <= shortRun && s.Groups == 1 && s.Dilation[1] == 1
}

// gatherShort is gatherRow for count positions from first on, whose rows are
// stride apart. It copies blocks of 16 values, more than it needs: what is too
// much is overwritten by the next run, and where there is none, or the image ends,
// gatherRow does it.
func gatherShort[T int8 | float32](s *ConvShape, rows []T, stride int, image []T, first, count int, padding T) {
	depth, width := s.depth(), s.KernelWidth*s.Channels
	line := s.Dilation[0] * s.Width * s.Channels
	n, y, x := s.pixel(first)
	for r := range count {
		row := rows[r*stride:]
		top, left := y*s.Stride[0]-s.PadTop, s.wholeRow(x)
		from := ((n*s.Height+top)*s.Width + left) * s.Channels
		end := from + (s.KernelHeight-1)*line + shortRun
		if top >= 0 && top+(s.KernelHeight-1)*s.Dilation[0] < s.Height && left >= 0 && end <= len(image) && len(row) >= depth+shortRun {
			copyRuns(row, image[from:end], s.KernelHeight, width, line)
		} else {
			gatherRow(s, row[:depth], image, first+r, 0, padding)
		}
		if x++; x == s.OutWidth {
			x = 0
			if y++; y == s.OutHeight {
				y = 0
				n++
			}
		}
	}
}

// copyRuns copies runs of width values, line apart, one after the other.
func copyRuns[T int8 | float32](to, from []T, runs, width, line int) {
	for k := range runs {
		*(*[16]T)(to[k*width:]) = *(*[16]T)(from[k*line:])
		if width > 16 {
			*(*[16]T)(to[k*width+16:]) = *(*[16]T)(from[k*line+16:])
		}
	}
}

package render

import "fmt"

// Upsample scales m to width × height by bilinear interpolation, and returns
// [height][width] levels from 0 to [MaxLevel].
//
// Cell and pixel centres are at half-integer positions (align_corners=false);
// outside the outermost centres the edge is repeated. Weights have 16 bits, and
// the one rounding is the last step. A size smaller than the map's picks and
// blends cells, and does not average over them.
func Upsample(m Map, width, height int) ([]uint16, error) {
	if err := m.Check(); err != nil {
		return nil, err
	}
	if !addressable(width, height, 2) {
		return nil, fmt.Errorf("saliency map cannot be scaled to %d×%d pixels: "+
			"sides must be positive and the result below 2 GiB", width, height)
	}
	levels := make([]uint16, width*height)
	s := newScaler(m, width, 0, width)
	for y := range height {
		s.row(levels[y*width:(y+1)*width], tapAt(y, height, m.Height))
	}
	return levels, nil
}

// weightBits is the number of fraction bits of an interpolation weight.
const weightBits = 16

// tap says what one output position reads along one axis: two neighbouring
// cells, and the second one's share in 1/2^weightBits.
type tap struct {
	cell, next int
	weight     uint32
}

// tapAt returns the tap of one of size positions that lie over cells cells.
func tapAt(position, size, cells int) tap {
	// Distance from the first cell's centre in units of 1/(2·size) cells:
	// (position+½)·cells/size − ½, without the fraction.
	unit := 2 * int64(size)
	distance := (2*int64(position)+1)*int64(cells) - int64(size)
	distance = min(max(distance, 0), unit*int64(cells-1))
	cell := int(distance / unit)
	rest := distance % unit
	return tap{
		cell:   cell,
		next:   min(cell+1, cells-1),
		weight: uint32((rest<<weightBits + int64(size)) / unit),
	}
}

// scaler computes rows of a scaled map.
type scaler struct {
	levels  []uint16 // [cell rows][cells]
	columns []tap    // of each output position
	blended []uint32 // one row of cells, weighted; weightBits fraction bits
}

// newScaler prepares the output columns from first to end (exclusive) of width.
func newScaler(m Map, width, first, end int) *scaler {
	s := &scaler{
		levels:  m.levels(),
		columns: make([]tap, end-first),
		blended: make([]uint32, m.Width),
	}
	for i := range s.columns {
		s.columns[i] = tapAt(first+i, width, m.Width)
	}
	return s
}

// row writes the row whose vertical tap is t to dst, one level a column.
func (s *scaler) row(dst []uint16, t tap) {
	cells := len(s.blended)
	upper, lower := s.levels[t.cell*cells:], s.levels[t.next*cells:]
	for i := range s.blended {
		s.blended[i] = uint32(upper[i])*(1<<weightBits-t.weight) + uint32(lower[i])*t.weight
	}
	const half = 1 << (2*weightBits - 1)
	for x, c := range s.columns {
		sum := uint64(s.blended[c.cell])*uint64(1<<weightBits-c.weight) +
			uint64(s.blended[c.next])*uint64(c.weight)
		dst[x] = uint16((sum + half) >> (2 * weightBits))
	}
}

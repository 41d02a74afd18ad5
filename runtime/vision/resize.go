package vision

import "fmt"

// half rounds a weighted sum of samples.
const half = 1 << (weightBits - 1)

// Resize brings the part of src inside box to width × height pixels with an
// antialiasing filter. It does not change src. The result equals, bit for bit,
// that of Pillow for an RGB image:
//
//	src.resize((width, height), filter, box)
//
// As there, pixels beside the box take part where the filter reaches them, so
// resizing a box equals cutting it out of the resized whole.
//
// The sums are exact in int32. Memory beside the result: the filtered rows that
// one row of the result needs, and the weights.
func Resize(src *Image, box Box, width, height int, filter Filter) (*Image, error) {
	if err := src.check(); err != nil {
		return nil, err
	}
	if err := box.check(src); err != nil {
		return nil, err
	}
	if err := checkSize(int64(width), int64(height)); err != nil {
		return nil, fmt.Errorf("result: %w", err)
	}
	columns, err := axisTaps(src.Width, box.X0, box.X1, width, filter)
	if err != nil {
		return nil, err
	}
	rows, err := axisTaps(src.Height, box.Y0, box.Y1, height, filter)
	if err != nil {
		return nil, err
	}
	out := newImage(width, height)
	resizeRows(out, src, columns, rows)
	return out, nil
}

// resizeRows filters each needed row of src once, left to right, into a ring of
// rows, and mixes the rows of out from the ring. Windows only move down, so a
// row that the ring overwrites is not needed again.
func resizeRows(out, src *Image, columns, rows []tap) {
	slots := 0
	for _, t := range rows {
		slots = max(slots, len(t.weights))
	}
	ring := newImage(out.Width, slots)
	sums := make([]int32, 3*out.Width)
	next := rows[0].first
	for y, t := range rows {
		for ; next < t.end(); next++ {
			resizeRow(ring.row(next%slots), src.row(next), columns)
		}
		for i := range sums {
			sums[i] = half
		}
		for i, w := range t.weights {
			addRow(sums, ring.row((t.first+i)%slots), w)
		}
		line := out.row(y)
		for i, s := range sums {
			line[i] = clamp8(s)
		}
	}
}

// resizeRow filters one row: dst has a pixel for each tap.
func resizeRow(dst, src []uint8, taps []tap) {
	for x, t := range taps {
		r, g, b := int32(half), int32(half), int32(half)
		from := 3 * t.first
		for _, w := range t.weights {
			p := src[from : from+3 : from+3] // one bounds check for three
			r += int32(p[0]) * w
			g += int32(p[1]) * w
			b += int32(p[2]) * w
			from += 3
		}
		dst[3*x], dst[3*x+1], dst[3*x+2] = clamp8(r), clamp8(g), clamp8(b)
	}
}

// addRow adds w times a row to the sums of its samples.
func addRow(sums []int32, row []uint8, w int32) {
	row = row[:len(sums)]
	for i := range sums {
		sums[i] += int32(row[i]) * w
	}
}

// clamp8 drops the fraction bits and clamps to 0..255.
func clamp8(sum int32) uint8 { return uint8(max(0, min(sum>>weightBits, 255))) }

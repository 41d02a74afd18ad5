package data

import (
	"errors"
	"fmt"
)

// Run lengths as COCO writes them: the pixels of a mask column after column,
// top to bottom, as the lengths of runs that are in turn outside and inside.

// fillRuns marks the runs that are inside. They have to end with the last pixel.
func fillRuns(b *Bitmap, counts []int) error {
	total, at := len(b.Pix), 0
	for i, n := range counts {
		if n < 0 || n > total-at {
			return fmt.Errorf("run %d of the mask has length %d, where %d pixels of %dx%d are left", i, n, total-at, b.Width, b.Height)
		}
		if i%2 == 1 {
			b.fill(at, at+n)
		}
		at += n
	}
	if at != total {
		return fmt.Errorf("the runs of the mask cover %d pixels, want %d (%dx%d)", at, total, b.Width, b.Height)
	}
	return nil
}

// fill marks the pixels from ≤ i < to, counted column after column.
func (b *Bitmap) fill(from, to int) {
	x, y := from/b.Height, from%b.Height
	for range to - from {
		b.Pix[y*b.Width+x] = 1
		if y++; y == b.Height {
			x, y = x+1, 0
		}
	}
}

// unpackRuns reads the compressed form of run lengths. A number is written in
// groups of five bits, lowest first, each as one character from '0' on. Bit 5
// says that more groups follow, and bit 4 of the last group is the sign. From the
// fourth number on, what is written is the difference to the last but one.
func unpackRuns(text string) ([]int, error) {
	const (
		first    = '0'
		more     = 1 << 5
		sign     = 1 << 4
		bits     = 5
		maxShift = 30 // a run has fewer than 2³¹ pixels, so differences fit 32 bits
	)
	var counts []int
	value, shift := int64(0), 0
	for i := range len(text) {
		group := int64(text[i]) - first
		if group < 0 || group >= 2*more {
			return nil, fmt.Errorf("character %q at %d of the run lengths, want one of '0' to 'o'", text[i], i)
		}
		if shift > maxShift {
			return nil, fmt.Errorf("the number that ends at %d of the run lengths has more than 32 bits", i)
		}
		value |= group & (more - 1) << shift
		shift += bits
		if group&more != 0 {
			continue
		}
		if group&sign != 0 {
			value -= 1 << shift
		}
		if n := len(counts); n > 2 {
			value += int64(counts[n-2])
		}
		if value < 0 || value > 1<<31-1 {
			return nil, fmt.Errorf("run %d of the mask has length %d", len(counts), value)
		}
		counts = append(counts, int(value))
		value, shift = 0, 0
	}
	if shift != 0 {
		return nil, errors.New("the run lengths end in the middle of a number")
	}
	return counts, nil
}

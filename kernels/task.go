package kernels

import (
	"unsafe"
)

// Task is an operator bound to its operands: independent tiles of output.
type Task interface {
	// Tiles returns how many tiles there are.
	Tiles() int
	// Tile computes one of them. scratch is at least Scratch bytes, aligned to
	// 64, of any content, and no other tile's while the call lasts.
	Tile(i int, scratch []byte)
	// Scratch returns the bytes of scratch memory that a tile needs.
	Scratch() int
}

// Func is a task of one tile without scratch memory, for work that is not worth
// splitting.
type Func func()

// Tiles returns 1.
func (Func) Tiles() int { return 1 }

// Tile calls the function.
func (f Func) Tile(int, []byte) { f() }

// Scratch returns 0.
func (Func) Scratch() int { return 0 }

// rows is a task whose tiles are blocks of equal, independent rows.
type rows struct {
	count, block int
	run          func(first, last int)
}

// Rows returns a task that calls run on consecutive ranges of count rows, each
// of up to block rows.
func Rows(count, block int, run func(first, last int)) Task {
	return &rows{count, max(1, block), run}
}

func (r *rows) Tiles() int   { return (r.count + r.block - 1) / r.block }
func (r *rows) Scratch() int { return 0 }

func (r *rows) Tile(i int, _ []byte) {
	first := i * r.block
	r.run(first, min(first+r.block, r.count))
}

const scratchAlign = 64

// alignedBytes returns n bytes that start at a multiple of 64.
func alignedBytes(n int) []byte {
	raw := make([]byte, n+scratchAlign)
	skip := -int(uintptr(unsafe.Pointer(unsafe.SliceData(raw)))) & (scratchAlign - 1)
	return raw[skip : skip+n : skip+n]
}

// take cuts n elements off the scratch memory and returns the rest, aligned.
func take[T int8 | uint8 | int16 | int32 | float32](scratch []byte, n int) (elements []T, rest []byte) {
	size := scratchBytes[T](n)
	_ = scratch[:size]
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(scratch))), n), scratch[size:]
}

// scratchBytes returns what take cuts off for n elements.
func scratchBytes[T int8 | uint8 | int16 | int32 | float32](n int) int {
	var zero T
	return (n*int(unsafe.Sizeof(zero)) + scratchAlign - 1) / scratchAlign * scratchAlign
}

// Stages is a task of parts, each of which needs what the ones before it
// computed. [Pool.Run] splits every part among the threads.
type Stages []Task

// Tiles returns 1: whoever does not know the parts computes them at once.
func (Stages) Tiles() int { return 1 }

// Tile computes all parts.
func (s Stages) Tile(_ int, scratch []byte) {
	for _, part := range s {
		for i := range part.Tiles() {
			part.Tile(i, scratch)
		}
	}
}

// Scratch returns what the part that needs most needs.
func (s Stages) Scratch() int { return largestScratch(s) }

// sideBySide is a task of parts that do not depend on each other.
type sideBySide []Task

func (s sideBySide) Tiles() int {
	n := 0
	for _, part := range s {
		n += part.Tiles()
	}
	return n
}

func (s sideBySide) Tile(i int, scratch []byte) {
	for _, part := range s {
		n := part.Tiles()
		if i < n {
			part.Tile(i, scratch)
			return
		}
		i -= n
	}
}

func (s sideBySide) Scratch() int { return largestScratch(s) }

// packed is a task of stages whose first ones lay out an operand in memory that all
// tasks of a pool share: no other one needs it until the last stage is done.
type packed struct {
	Stages
	bytes int                 // of that memory
	place func(memory []byte) // says where it is
}

// Tile computes all stages.
func (p *packed) Tile(i int, scratch []byte) {
	p.place(scratch[:p.bytes])
	p.Stages.Tile(i, scratch[p.bytes:])
}

// Scratch returns what the stages need where the memory is not shared.
func (p *packed) Scratch() int { return p.bytes + p.Stages.Scratch() }

func largestScratch(parts []Task) int {
	most := 0
	for _, part := range parts {
		most = max(most, part.Scratch())
	}
	return most
}

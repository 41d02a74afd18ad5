package kerneltest

import (
	"fmt"
	"slices"
	"unsafe"
)

// Kind says where in memory the operands of a kernel lie.
type Kind string

// The kinds of places. At a guard page a read or write one byte outside faults;
// around an odd offset canaries show stray writes, and nothing is aligned to
// more than its own element.
const (
	Plain       Kind = "plain"
	GuardBefore Kind = "guard page before"
	GuardAfter  Kind = "guard page after"
	OddOffset   Kind = "odd offset"
)

var kinds = []Kind{Plain, GuardBefore, GuardAfter, OddOffset}

const canary = 0xA5

// A Place hands out the operands of one kernel call.
type Place struct {
	kind    Kind
	buffers []buffer
	offset  int // of the next operand in an OddOffset place, in elements
}

type buffer struct {
	all     []byte // with canaries around the operand
	operand []byte
	input   []byte // what an input held when it was placed; nil for an output
	free    func()
}

var offsets int // makes successive places use all offsets in turn

func newPlace(kind Kind) *Place {
	offsets++
	return &Place{kind: kind, offset: offsets}
}

// In returns a copy of values at the place. The kernel must not change it.
func In[T Number](p *Place, values []T) []T {
	s := Out(p, values)
	b := &p.buffers[len(p.buffers)-1]
	b.input = slices.Clone(b.operand)
	return s
}

// Out returns a copy of values at the place, for the kernel to overwrite or to
// add to.
func Out[T Number](p *Place, values []T) []T {
	var zero T
	size := int(unsafe.Sizeof(zero))
	operand := p.place(len(values)*size, size)
	s := unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(operand))), len(values))
	copy(s, values)
	return s
}

// place returns n bytes aligned to size.
func (p *Place) place(n, size int) []byte {
	var b buffer
	switch p.kind {
	case GuardBefore, GuardAfter:
		b.all, b.free = guarded(n)
		if p.kind == GuardBefore {
			b.operand = b.all[:n]
		} else {
			b.operand = b.all[len(b.all)-n:]
		}
	case OddOffset:
		p.offset++
		start := 64 + p.offset%32*size
		b.all = aligned(start + n + 64)
		b.operand = b.all[start : start+n]
	default:
		b.all = aligned(n)
		b.operand = b.all[:n]
	}
	for i := range b.all {
		b.all[i] = canary
	}
	p.buffers = append(p.buffers, b)
	return b.operand
}

// aligned returns at least n bytes that start at a multiple of 64.
func aligned(n int) []byte {
	raw := make([]byte, n+64)
	skip := -int(uintptr(unsafe.Pointer(unsafe.SliceData(raw)))) & 63
	return raw[skip : skip+n]
}

// verify fails when a canary was overwritten or an input changed.
func (p *Place) verify() error {
	for i, b := range p.buffers {
		start := int(uintptr(unsafe.Pointer(unsafe.SliceData(b.operand))) - uintptr(unsafe.Pointer(unsafe.SliceData(b.all))))
		for j, v := range b.all {
			if inside := j >= start && j < start+len(b.operand); !inside && v != canary {
				return fmt.Errorf("operand %d: byte %d outside of it was overwritten", i, j-start)
			}
		}
		if b.input != nil && !slices.Equal(b.input, b.operand) {
			return fmt.Errorf("operand %d is an input and was changed", i)
		}
	}
	return nil
}

func (p *Place) release() {
	for _, b := range p.buffers {
		if b.free != nil {
			b.free()
		}
	}
}

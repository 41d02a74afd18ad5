package tflite

import (
	"errors"
	"runtime"

	flatbuffers "github.com/google/flatbuffers/go"
)

// table reads the fields of a flatbuffer table by their number in the schema; a
// field that is absent has its default. Offsets that lead out of the bytes make
// it panic, as the flatbuffers library does: see guarded.
type table struct {
	flatbuffers.Table
	room *int // bytes that may still be copied out of the file
}

var errDamaged = errors.New("is damaged: its parts overlap or lie outside of the file")

// damaged is what table panics with where the library would not.
type damaged struct{}

// guarded calls read and turns the panics of reading a damaged flatbuffer into
// errDamaged. The library slices its bytes without asking and checks nothing;
// one recover at the boundary covers every access, while a check before each
// would be easy to forget. Only reading happens in it, so that no other mistake
// is taken for a damaged file.
func guarded(read func() error) (err error) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case runtime.Error, damaged:
			err = errDamaged
		default:
			panic(p)
		}
	}()
	return read()
}

// rootTable returns the outermost table. Offsets may share what they lead to, so
// that a small file could ask for much memory; what is copied out is therefore
// bounded by room, several times what an honest file needs.
func rootTable(data []byte) table {
	room := 4 * len(data)
	return table{flatbuffers.Table{Bytes: data, Pos: flatbuffers.GetUOffsetT(data)}, &room}
}

// at returns the place of a field, or 0 where it is absent.
func (t table) at(field int) flatbuffers.UOffsetT {
	if t.Bytes == nil {
		return 0
	}
	offset := t.Offset(flatbuffers.VOffsetT(4 + 2*field))
	if offset == 0 {
		return 0
	}
	return t.Pos + flatbuffers.UOffsetT(offset)
}

func (t table) has(field int) bool { return t.at(field) != 0 }

func (t table) int8(field int) int8 {
	if at := t.at(field); at != 0 {
		return t.GetInt8(at)
	}
	return 0
}

func (t table) bool(field int) bool { return t.int8(field) != 0 }

func (t table) int(field, absent int) int {
	if at := t.at(field); at != 0 {
		return int(t.GetInt32(at))
	}
	return absent
}

func (t table) float32(field int) float32 {
	if at := t.at(field); at != 0 {
		return t.GetFloat32(at)
	}
	return 0
}

// vector returns the place of a vector's first element and how many there are,
// size bytes each.
func (t table) vector(field, size int) (start flatbuffers.UOffsetT, n int) {
	at := t.at(field)
	if at == 0 {
		return 0, 0
	}
	start = at + t.GetUOffsetT(at)
	length := uint64(t.GetUint32(start))
	start += flatbuffers.SizeUOffsetT
	if uint64(start)+length*uint64(size) > uint64(len(t.Bytes)) {
		panic(damaged{})
	}
	return start, int(length)
}

// bytes returns a vector of bytes that shares the file's memory.
func (t table) bytes(field int) []byte {
	start, n := t.vector(field, 1)
	return t.Bytes[start:][:n:n]
}

// copied returns a vector's elements, read one by one.
func copied[T any](t table, field, size int, read func(flatbuffers.UOffsetT) T) []T {
	start, n := t.vector(field, size)
	if *t.room -= n * size; *t.room < 0 {
		panic(damaged{})
	}
	values := make([]T, n)
	for i := range values {
		values[i] = read(start + flatbuffers.UOffsetT(i*size))
	}
	return values
}

func (t table) string(field int) string { return string(copied(t, field, 1, t.GetByte)) }

func (t table) ints(field int) []int {
	return copied(t, field, 4, func(at flatbuffers.UOffsetT) int { return int(t.GetInt32(at)) })
}

func (t table) int64s(field int) []int64 { return copied(t, field, 8, t.GetInt64) }

func (t table) float32s(field int) []float32 { return copied(t, field, 4, t.GetFloat32) }

// table returns the table that a field refers to, an empty one where the field
// is absent.
func (t table) table(field int) table {
	if at := t.at(field); at != 0 {
		return t.follow(at)
	}
	return table{room: t.room}
}

func (t table) tables(field int) []table { return copied(t, field, 4, t.follow) }

// follow returns the table that the offset at a place leads to.
func (t table) follow(at flatbuffers.UOffsetT) table {
	return table{flatbuffers.Table{Bytes: t.Bytes, Pos: at + t.GetUOffsetT(at)}, t.room}
}

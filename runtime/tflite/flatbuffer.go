package tflite

import (
	flatbuffers "github.com/google/flatbuffers/go"
)

// table reads the fields of a flatbuffer table by their number in the schema.
// It panics on offsets that lead out of the file, as the library does: parse
// turns that into an error.
type table struct{ flatbuffers.Table }

// damaged is what table panics with where the library would not.
type damaged struct{}

func rootTable(data []byte) table {
	return table{flatbuffers.Table{Bytes: data, Pos: flatbuffers.GetUOffsetT(data)}}
}

// at returns the place of a field, or 0 where it is absent.
func (t table) at(field int) flatbuffers.UOffsetT {
	offset := t.Offset(flatbuffers.VOffsetT(4 + 2*field))
	if offset == 0 {
		return 0
	}
	return t.Pos + flatbuffers.UOffsetT(offset)
}

func (t table) int8(field int) int8 {
	if at := t.at(field); at != 0 {
		return t.GetInt8(at)
	}
	return 0
}

func (t table) int(field, absent int) int {
	if at := t.at(field); at != 0 {
		return int(t.GetInt32(at))
	}
	return absent
}

func (t table) float32(field int, absent float32) float32 {
	if at := t.at(field); at != 0 {
		return t.GetFloat32(at)
	}
	return absent
}

// vector returns the place of a vector's first element and its length.
func (t table) vector(field, size int) (start flatbuffers.UOffsetT, n int) {
	at := t.at(field)
	if at == 0 {
		return 0, 0
	}
	start = at + t.GetUOffsetT(at)
	n = int(t.GetUint32(start))
	start += flatbuffers.SizeUOffsetT
	if n < 0 || n > (len(t.Bytes)-int(start))/size {
		panic(damaged{})
	}
	return start, n
}

func (t table) bytes(field int) []byte {
	start, n := t.vector(field, 1)
	return t.Bytes[start:][:n:n]
}

func (t table) string(field int) string { return string(t.bytes(field)) }

func (t table) ints(field int) []int {
	start, n := t.vector(field, 4)
	values := make([]int, n)
	for i := range values {
		values[i] = int(t.GetInt32(start + flatbuffers.UOffsetT(4*i)))
	}
	return values
}

func (t table) int64s(field int) []int64 {
	start, n := t.vector(field, 8)
	values := make([]int64, n)
	for i := range values {
		values[i] = t.GetInt64(start + flatbuffers.UOffsetT(8*i))
	}
	return values
}

func (t table) float32s(field int) []float32 {
	start, n := t.vector(field, 4)
	values := make([]float32, n)
	for i := range values {
		values[i] = t.GetFloat32(start + flatbuffers.UOffsetT(4*i))
	}
	return values
}

// table returns a table that a field refers to.
func (t table) table(field int) (inner table, ok bool) {
	at := t.at(field)
	if at == 0 {
		return table{}, false
	}
	return table{flatbuffers.Table{Bytes: t.Bytes, Pos: at + t.GetUOffsetT(at)}}, true
}

func (t table) tables(field int) []table {
	start, n := t.vector(field, 4)
	tables := make([]table, n)
	for i := range tables {
		at := start + flatbuffers.UOffsetT(4*i)
		tables[i] = table{flatbuffers.Table{Bytes: t.Bytes, Pos: at + t.GetUOffsetT(at)}}
	}
	return tables
}

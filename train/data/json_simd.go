//go:build amd64 && !purego && !noasm

package data

import (
	"bytes"

	"github.com/minio/simdjson-go"
)

const (
	// simdMaxLine keeps simdjson from starting a goroutine, as it does for longer
	// input, and from meeting more brackets than the depth that encoding/json
	// refuses, as simdjson has no such limit. Rows are rarely this long.
	simdMaxLine = 8 << 10
	// simdSlack is read beyond the end of a line by loads of whole vectors.
	simdSlack = 64
)

// A simdParser reads lines by simdjson. It reuses its memory.
type simdParser struct {
	buf  [simdMaxLine + simdSlack]byte
	tape *simdjson.ParsedJson
}

// newFastParser returns a parser for the lines it can take, nil if this CPU has
// none. The parser reports false where [parseStd] has to read the line: because
// it is no row, or because the two might not agree on it.
func newFastParser() func(line []byte) (Row, bool) {
	if !simdjson.SupportedCPU() {
		return nil
	}
	return new(simdParser).parse
}

func (p *simdParser) parse(line []byte) (Row, bool) {
	line = bytes.Trim(line, jsonSpace)
	if !agreed(line) {
		return Row{}, false
	}
	n := copy(p.buf[:], line)
	tape, err := simdjson.Parse(p.buf[:n], p.tape, simdjson.WithCopyStrings(false))
	if err != nil {
		return Row{}, false
	}
	p.tape = tape
	root := tape.Iter()
	root.AdvanceInto() // the root
	root.AdvanceInto() // the object in it
	object, err := root.Object(nil)
	if err != nil {
		return Row{}, false
	}
	return readTape(object)
}

// agreed tells whether simdjson and encoding/json read line alike, if simdjson
// accepts it. Of other lines it would trim spaces that JSON does not know, ignore
// zero bytes behind true, false and null, take -01.5 for a number, and make a
// character of two high surrogates.
func agreed(line []byte) bool {
	return len(line) <= simdMaxLine && bytes.HasPrefix(line, []byte("{")) && bytes.HasSuffix(line, []byte("}")) &&
		bytes.IndexByte(line, 0) < 0 &&
		!bytes.Contains(line, []byte("-0")) &&
		!bytes.Contains(line, []byte(`\u`))
}

// readTape does for simdjson what [readObject] does for encoding/json.
func readTape(object *simdjson.Object) (Row, bool) {
	var row Row
	var seen [len(fields)]bool
	var value simdjson.Iter
	for {
		key, kind, err := object.NextElementBytes(&value)
		if err != nil || kind == simdjson.TypeNone {
			return row, err == nil
		}
		i := fieldIndex(key)
		if i < 0 {
			continue
		}
		if seen[i] || !fields[i].setTape(&row, kind, &value) {
			return Row{}, false
		}
		seen[i] = true
	}
}

// setTape does for simdjson what [field.set] does for encoding/json.
func (f *field) setTape(row *Row, kind simdjson.Type, value *simdjson.Iter) bool {
	var err error
	switch {
	case kind == simdjson.TypeNull:
	case f.text != nil:
		*f.text(row), err = value.String()
	case f.list != nil:
		var array *simdjson.Array
		if array, err = value.Array(nil); err == nil {
			*f.list(row), err = array.AsString()
		}
	default:
		*f.number(row), err = value.Float()
	}
	return err == nil
}

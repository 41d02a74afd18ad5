package safetensors

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"unicode/utf8"

	"megl-edge/runtime/tensor"
)

// dataAlignment is where the data start: a multiple of this many bytes, a cache
// line, from the start of the file.
const dataAlignment = 64

// encoder builds the bytes before the data.
type encoder struct {
	buf bytes.Buffer
	enc *json.Encoder
}

// encodeHeader returns header length, header and padding for entries in the
// order of the file.
func encodeHeader(metadata map[string]string, entries []Entry) ([]byte, error) {
	if err := checkMetadata(metadata); err != nil {
		return nil, fmt.Errorf("%s: %w", metadataKey, err)
	}
	var e encoder
	e.buf.Write(make([]byte, lengthSize))
	e.enc = json.NewEncoder(&e.buf)
	e.enc.SetEscapeHTML(false)
	if err := e.object(metadata, entries); err != nil {
		return nil, err
	}
	text := e.buf.Len() - lengthSize
	n, err := paddedLength(text)
	if err != nil {
		return nil, err
	}
	e.buf.Write(bytes.Repeat([]byte{' '}, n-text))
	binary.LittleEndian.PutUint64(e.buf.Bytes(), uint64(n))
	return e.buf.Bytes(), nil
}

// paddedLength returns the length of the header that makes the data behind a
// text of n bytes start aligned.
func paddedLength(n int) (int, error) {
	n += -(lengthSize + n) & (dataAlignment - 1)
	if n > maxHeader {
		return 0, fmt.Errorf("header takes %d bytes, above the limit of %d", n, maxHeader)
	}
	return n, nil
}

// checkMetadata fails on too many keys and on text that JSON cannot hold
// unchanged.
func checkMetadata(metadata map[string]string) error {
	if len(metadata) > maxMembers {
		return fmt.Errorf("%d keys, above the limit of %d", len(metadata), maxMembers)
	}
	for key, value := range metadata {
		if !utf8.ValidString(key) || !utf8.ValidString(value) {
			return fmt.Errorf("key %s or its value is not valid UTF-8", quote(key))
		}
	}
	return nil
}

func (e *encoder) object(metadata map[string]string, entries []Entry) error {
	e.buf.WriteByte('{')
	if len(metadata) > 0 {
		if err := e.member(metadataKey, metadata); err != nil { // JSON sorts the keys
			return err
		}
	}
	var begin int64
	for _, entry := range entries {
		end := begin + int64(len(entry.Tensor.Data))
		if err := e.member(entry.Name, describeTensor(entry.Tensor, begin, end)); err != nil {
			return err
		}
		begin = end
	}
	e.buf.WriteByte('}')
	return nil
}

// description is the JSON value of one tensor.
type description struct {
	DType   tensor.DType `json:"dtype"`
	Shape   tensor.Shape `json:"shape"`
	Offsets [2]int64     `json:"data_offsets"`
}

func describeTensor(t tensor.Tensor, begin, end int64) description {
	shape := t.Shape.Clone() // never nil, which JSON would write as null
	return description{DType: t.DType, Shape: shape, Offsets: [2]int64{begin, end}}
}

func (e *encoder) member(key string, value any) error {
	if last := e.buf.Len() - 1; e.buf.Bytes()[last] != '{' {
		e.buf.WriteByte(',')
	}
	if err := e.value(key); err != nil {
		return err
	}
	e.buf.WriteByte(':')
	return e.value(value)
}

func (e *encoder) value(v any) error {
	err := e.enc.Encode(v)
	e.buf.Truncate(e.buf.Len() - 1) // the line feed that Encode appends
	return err
}

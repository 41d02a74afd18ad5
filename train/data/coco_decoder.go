package data

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// A cocoDecoder reads a COCO file value by value: the file may be much larger than
// memory.
type cocoDecoder struct {
	json  *json.Decoder
	input *boundedReader
}

// maxValue is the greatest length in bytes of one value in a COCO file.
const maxValue = 16 << 20

// A boundedReader fails when maxValue bytes are read for one value and more are
// asked for.
type boundedReader struct {
	from io.Reader
	read int
}

func (b *boundedReader) Read(p []byte) (int, error) {
	if b.read >= maxValue {
		return 0, fmt.Errorf("a value is longer than %d bytes", maxValue)
	}
	n, err := b.from.Read(p[:min(len(p), maxValue-b.read)])
	b.read += n
	return n, err
}

func newCOCODecoder(r io.Reader) *cocoDecoder {
	const ahead = 1 << 16
	input := &boundedReader{from: bufio.NewReaderSize(r, ahead)}
	return &cocoDecoder{json.NewDecoder(input), input}
}

func (d *cocoDecoder) token() (json.Token, error) {
	d.input.read = 0
	t, err := d.json.Token()
	return t, d.explain(err)
}

func (d *cocoDecoder) delimiter(want json.Delim) error {
	t, err := d.token()
	if err != nil {
		return err
	}
	if t != want {
		return fmt.Errorf("byte %d: found %v, want %v", d.json.InputOffset(), t, want)
	}
	return nil
}

// list reads a list, whose elements each reads. An error in one says which it is.
func (d *cocoDecoder) list(element string, each func() error) error {
	if err := d.delimiter('['); err != nil {
		return err
	}
	for i := 0; d.json.More(); i++ {
		if err := each(); err != nil {
			return fmt.Errorf("%s %d, which ends at byte %d: %w", element, i, d.json.InputOffset(), err)
		}
	}
	return d.delimiter(']')
}

// value reads one value and returns its place in the file. What separates it from
// the value before may be part of that.
func (d *cocoDecoder) value(v any) (span, error) {
	d.input.read = 0
	from := d.json.InputOffset()
	if err := d.json.Decode(v); err != nil {
		return span{}, d.explain(err)
	}
	return span{from, int32(d.json.InputOffset() - from)}, nil
}

// skip reads a value token by token and forgets it.
func (d *cocoDecoder) skip() error {
	for depth := 0; ; {
		t, err := d.token()
		if err != nil {
			return err
		}
		switch t {
		case json.Delim('['), json.Delim('{'):
			depth++
		case json.Delim(']'), json.Delim('}'):
			depth--
		}
		if depth == 0 {
			return nil
		}
	}
}

func (d *cocoDecoder) explain(err error) error {
	var syntax *json.SyntaxError
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("the file is cut off: its JSON does not end")
	case errors.As(err, &syntax):
		return fmt.Errorf("byte %d: not JSON: %w", syntax.Offset, err)
	}
	return err
}

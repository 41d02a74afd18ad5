package proto

import (
	"errors"
	"fmt"
	"math"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"
)

// field is one field of a message: a number or a part of its bytes.
type field struct {
	number protowire.Number
	wire   protowire.Type
	value  uint64 // varint, fixed32, fixed64
	bytes  []byte // length-delimited
}

// eachField calls f for every field of a message, in the file's order.
func eachField(message []byte, f func(field) error) error {
	for len(message) > 0 {
		number, wire, n := protowire.ConsumeTag(message)
		if n < 0 {
			return protowire.ParseError(n)
		}
		message = message[n:]
		at := field{number: number, wire: wire}
		switch wire {
		case protowire.VarintType:
			at.value, n = protowire.ConsumeVarint(message)
		case protowire.Fixed64Type:
			at.value, n = protowire.ConsumeFixed64(message)
		case protowire.Fixed32Type:
			var v uint32
			v, n = protowire.ConsumeFixed32(message)
			at.value = uint64(v)
		case protowire.BytesType:
			at.bytes, n = protowire.ConsumeBytes(message)
		default: // groups are not part of ONNX
			return fmt.Errorf("field %d has wire type %d", number, wire)
		}
		if n < 0 {
			return protowire.ParseError(n)
		}
		message = message[n:]
		if err := f(at); err != nil {
			return err
		}
	}
	return nil
}

var errWireType = errors.New("has another wire type than the format says")

// text reads a string, which must be UTF-8.
func (f field) text(to *string) error {
	if f.wire != protowire.BytesType {
		return errWireType
	}
	if !utf8.Valid(f.bytes) {
		return fmt.Errorf("text %.32q is not UTF-8", f.bytes)
	}
	*to = string(f.bytes)
	return nil
}

func (f field) texts(to *[]string) error {
	var s string
	err := f.text(&s)
	*to = append(*to, s)
	return err
}

// content returns the bytes of an embedded message.
func (f field) content() ([]byte, error) {
	if f.wire != protowire.BytesType {
		return nil, errWireType
	}
	return f.bytes, nil
}

func (f field) integer(to *int64) error {
	if f.wire != protowire.VarintType {
		return errWireType
	}
	*to = int64(f.value)
	return nil
}

// varints reads a repeated integer, packed or not.
func varints[T int32 | int64 | uint64](f field, to *[]T) error {
	if f.wire == protowire.VarintType {
		*to = append(*to, T(f.value))
		return nil
	}
	rest, err := f.content()
	for err == nil && len(rest) > 0 {
		v, n := protowire.ConsumeVarint(rest)
		if n < 0 {
			return protowire.ParseError(n)
		}
		rest = rest[n:]
		*to = append(*to, T(v))
	}
	return err
}

// floats reads a repeated float, packed or not.
func (f field) floats(to *[]float32) error {
	if f.wire == protowire.Fixed32Type {
		*to = append(*to, math.Float32frombits(uint32(f.value)))
		return nil
	}
	rest, err := f.content()
	for err == nil && len(rest) > 0 {
		v, n := protowire.ConsumeFixed32(rest)
		if n < 0 {
			return protowire.ParseError(n)
		}
		rest = rest[n:]
		*to = append(*to, math.Float32frombits(v))
	}
	return err
}

// doubles reads a repeated double, packed or not.
func (f field) doubles(to *[]float64) error {
	if f.wire == protowire.Fixed64Type {
		*to = append(*to, math.Float64frombits(f.value))
		return nil
	}
	rest, err := f.content()
	for err == nil && len(rest) > 0 {
		v, n := protowire.ConsumeFixed64(rest)
		if n < 0 {
			return protowire.ParseError(n)
		}
		rest = rest[n:]
		*to = append(*to, math.Float64frombits(v))
	}
	return err
}

// message reads an embedded message with read and appends it.
func message[T any](f field, to *[]T, read func([]byte, *T) error) error {
	data, err := f.content()
	if err != nil {
		return err
	}
	var v T
	if err := read(data, &v); err != nil {
		return err
	}
	*to = append(*to, v)
	return nil
}

package tensor

import "fmt"

// DType is the type of one element.
type DType uint8

// The element types. Names and sizes are those of the safetensors format.
const (
	Invalid DType = iota
	Bool
	UInt8
	Int8
	UInt16
	Int16
	UInt32
	Int32
	UInt64
	Int64
	Float32
	Float64
)

var dtypes = [...]struct {
	name string // as safetensors writes it
	size int    // bytes of one element
}{
	Invalid: {"INVALID", 0},
	Bool:    {"BOOL", 1},
	UInt8:   {"U8", 1},
	Int8:    {"I8", 1},
	UInt16:  {"U16", 2},
	Int16:   {"I16", 2},
	UInt32:  {"U32", 4},
	Int32:   {"I32", 4},
	UInt64:  {"U64", 8},
	Int64:   {"I64", 8},
	Float32: {"F32", 4},
	Float64: {"F64", 8},
}

// Size returns the bytes that one element takes.
func (d DType) Size() int {
	if int(d) >= len(dtypes) {
		return 0
	}
	return dtypes[d].size
}

// String returns the safetensors name of the type, such as "F32".
func (d DType) String() string {
	if int(d) >= len(dtypes) {
		return fmt.Sprintf("DType(%d)", uint8(d))
	}
	return dtypes[d].name
}

// ParseDType returns the type with the given safetensors name.
func ParseDType(name string) (DType, error) {
	for d := range dtypes {
		if d != int(Invalid) && dtypes[d].name == name {
			return DType(d), nil
		}
	}
	return Invalid, fmt.Errorf("element type %.32q is not known", name)
}

// MarshalText writes the safetensors name.
func (d DType) MarshalText() ([]byte, error) {
	if d == Invalid || int(d) >= len(dtypes) {
		return nil, fmt.Errorf("element type %d cannot be written", uint8(d))
	}
	return []byte(d.String()), nil
}

// UnmarshalText reads the safetensors name.
func (d *DType) UnmarshalText(text []byte) (err error) {
	*d, err = ParseDType(string(text))
	return err
}

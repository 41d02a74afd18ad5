package safetensors

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode"

	"megl-edge/runtime/tensor"
)

const (
	maxRank = 64 // dimensions; other libraries stop there too
	// A larger dimension would not fit an int everywhere, and a file should
	// mean the same on every machine.
	maxDimension = math.MaxInt32
)

// foreign lists the element types that safetensors has and package tensor lacks.
var foreign = []string{
	"F16", "BF16", "C64", "F4", "F6_E2M3", "F6_E3M2",
	"F8_E4M3", "F8_E4M3FNUZ", "F8_E5M2", "F8_E5M2FNUZ", "F8_E8M0",
}

// entry is what the header says of one tensor. Its bytes are data[begin:end].
type entry struct {
	name       string
	dtype      tensor.DType
	shape      tensor.Shape
	begin, end int64
}

// entry reads the description of the tensor with the given name.
func (r *reader) entry(name string) (entry, error) {
	if err := checkName(name); err != nil {
		return entry{}, err
	}
	e := entry{name: name, begin: -1}
	err := r.object(func(key string) (err error) {
		switch key {
		case "dtype":
			e.dtype, err = r.dtype()
		case "shape":
			e.shape, err = r.shape()
		case "data_offsets":
			e.begin, e.end, err = r.offsets()
		default:
			return fmt.Errorf("unknown key %s", quote(key))
		}
		return within(key, err)
	})
	if err != nil {
		return entry{}, err
	}
	return e, e.check()
}

// check fails on a missing key and where type, shape and offsets disagree.
func (e entry) check() error {
	switch {
	case e.dtype == tensor.Invalid:
		return errors.New("dtype is missing")
	case e.shape == nil:
		return errors.New("shape is missing")
	case e.begin < 0:
		return errors.New("data_offsets are missing")
	}
	if err := checkType(e.dtype, e.shape); err != nil {
		return err
	}
	if e.begin > e.end {
		return fmt.Errorf("data_offsets run backwards, from %d to %d", e.begin, e.end)
	}
	want := int64(e.shape.Elements()) * int64(e.dtype.Size())
	if got := e.end - e.begin; got != want {
		return fmt.Errorf("shape %v of %v takes %d bytes, data_offsets span %d", e.shape, e.dtype, want, got)
	}
	return nil
}

func (r *reader) dtype() (tensor.DType, error) {
	name, err := r.text()
	if err != nil {
		return tensor.Invalid, err
	}
	if slices.Contains(foreign, name) {
		return tensor.Invalid, fmt.Errorf("element type %s is not supported; convert the tensor to another one, such as F32", name)
	}
	return tensor.ParseDType(shorten(name))
}

func (r *reader) shape() (tensor.Shape, error) {
	dims, err := r.integers(maxRank, maxDimension)
	if err != nil {
		return nil, err
	}
	shape := make(tensor.Shape, len(dims))
	for i, d := range dims {
		shape[i] = int(d)
	}
	return shape, nil
}

func (r *reader) offsets() (begin, end int64, err error) {
	pair, err := r.integers(2, math.MaxInt64)
	if err != nil {
		return 0, 0, err
	}
	if len(pair) != 2 {
		return 0, 0, fmt.Errorf("want 2 numbers, got %d", len(pair))
	}
	return pair[0], pair[1], nil
}

// The checks below hold for what is read and for what is written.

func checkName(name string) error {
	if name == "" {
		return errors.New("name is empty")
	}
	if strings.ContainsFunc(name, unicode.IsControl) {
		return errors.New("name has a control character")
	}
	return nil
}

func checkType(d tensor.DType, s tensor.Shape) error {
	if d.Size() == 0 {
		return fmt.Errorf("element type %v cannot be stored", d)
	}
	if len(s) > maxRank {
		return fmt.Errorf("shape has %d dimensions, above the limit of %d", len(s), maxRank)
	}
	for _, n := range s {
		if int64(n) > maxDimension {
			return fmt.Errorf("shape %v has a dimension above %d", s, maxDimension)
		}
	}
	return s.Check(d.Size())
}

// checkBytes fails on a BOOL that is neither 0 nor 1: as a Go bool it would be
// true to one instruction and false to another.
func checkBytes(d tensor.DType, data []byte) error {
	if d != tensor.Bool {
		return nil
	}
	notBool := func(b byte) bool { return b > 1 }
	if i := slices.IndexFunc(data, notBool); i >= 0 {
		return fmt.Errorf("element %d is %d; a BOOL is 0 or 1", i, data[i])
	}
	return nil
}

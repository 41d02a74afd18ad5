package onnx

import (
	"errors"
	"fmt"
)

// UnsupportedError says that a model uses something this importer does not
// know, as opposed to being wrong.
type UnsupportedError struct {
	What string // "operator Loop", "element type float16"
}

func (e *UnsupportedError) Error() string { return e.What + " is not supported" }

func unsupported(format string, args ...any) error {
	return &UnsupportedError{fmt.Sprintf(format, args...)}
}

// needsValueError says that a shape or a setting depends on what is fed to the
// named inputs, so that the graph exists only for known values of them.
type needsValueError struct{ inputs []string }

func (e *needsValueError) Error() string {
	return fmt.Sprintf("depends on the value of input %.64q, which is only known when the model runs: shapes must be fixed at import", e.inputs[0])
}

var errAbsent = errors.New("has too few inputs")

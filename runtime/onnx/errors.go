package onnx

import (
	"errors"
	"fmt"
	"strings"
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

// shown returns a name of the file as it is if it is a plain word, else quoted
// and cut.
func shown(name string) string {
	special := func(r rune) bool { return r <= ' ' || r > '~' }
	if name == "" || len(name) > 32 || strings.ContainsFunc(name, special) {
		return fmt.Sprintf("%.32q", name)
	}
	return name
}

// needsValueError says that a shape or a setting depends on what is fed to the
// named inputs, so that the graph exists only for known values of them.
type needsValueError struct{ inputs []string }

func (e *needsValueError) Error() string {
	return fmt.Sprintf("depends on the value of input %.64q, which is only known when the model runs: shapes must be fixed at import", e.inputs[0])
}

var errAbsent = errors.New("has too few inputs")

//go:build unix

package onnx_test

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"megl-edge/runtime/onnx"
)

// What is no plain file must not be waited for.
func TestPipeOfExternalData(t *testing.T) {
	allowed := folder(t)
	if err := syscall.Mkfifo(filepath.Join(allowed, "pipe"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := onnx.Import(external("location", "pipe", "length", "8"), onnx.Options{ExternalData: allowed})
	if err == nil || !strings.Contains(err.Error(), "is no regular file") {
		t.Error(err)
	}
}

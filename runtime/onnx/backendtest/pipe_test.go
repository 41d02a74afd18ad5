//go:build unix

package backendtest_test

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"megl-edge/runtime/onnx/backendtest"
)

// What is no plain file must not be waited for.
func TestPipeIsNoModel(t *testing.T) {
	folder := t.TempDir()
	absModel().without("model.onnx").write(t, folder)
	if err := syscall.Mkfifo(filepath.Join(folder, "model.onnx"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := backendtest.Run(folder, 1); got.Outcome != backendtest.Failed || !strings.Contains(got.Detail, "is no file") {
		t.Errorf("%+v", got)
	}
}

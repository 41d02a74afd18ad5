package safetensors

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestOpenRefuses(t *testing.T) {
	folder := t.TempDir()
	whole := written(t, sampleMetadata(), samples())
	cases := []struct {
		name, content, want string
	}{
		{"empty", "", "file is empty"},
		{"seven bytes", "1234567", "file has 7 bytes"},
		{"text", "\x40\x00\x00\x00\x00\x00\x00\x00 and so on", "only 10 bytes follow: truncated, or no safetensors file"},
		{"zip", "PK\x03\x04\x14\x00\x00\x00\x08\x00 and so on", "above the limit of 100000000 bytes: no safetensors file"},
		{"png", "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "above the limit of 100000000 bytes"},
		{"cut in the header", string(whole[:100]), "only 92 bytes follow: truncated"},
		{"cut by one byte", string(whole[:len(whole)-1]), "truncated"},
		{"one byte more", string(whole) + "x", "last 1 bytes of the file belong to no tensor"},
	}
	for _, c := range cases {
		path := filepath.Join(folder, c.name)
		if err := os.WriteFile(path, []byte(c.content), 0o644); err != nil {
			t.Fatal(err)
		}
		f, err := Open(path)
		if err == nil {
			f.Close()
			t.Errorf("%s: accepted", c.name)
			continue
		}
		if !strings.HasPrefix(err.Error(), path+": ") || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %q, want the path and %q", c.name, err, c.want)
		}
	}
}

func TestOpenNeedsARegularFile(t *testing.T) {
	folder := t.TempDir()
	if _, err := Open(folder); err == nil || !strings.Contains(err.Error(), "is a directory") {
		t.Errorf("directory: %v", err)
	}
	if _, err := Open(filepath.Join(folder, "absent")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing file: %v", err)
	}
	if _, err := os.Stat(os.DevNull); err == nil {
		if _, err := Open(os.DevNull); err == nil || !strings.Contains(err.Error(), "is not a regular file") {
			t.Errorf("device: %v", err)
		}
	}
}

// TestEveryTruncation cuts a file at each byte: always an error, never a panic.
func TestEveryTruncation(t *testing.T) {
	whole := written(t, sampleMetadata(), samples())
	for n := range whole {
		if _, err := Parse(whole[:n:n]); err == nil {
			t.Errorf("%d of %d bytes accepted", n, len(whole))
		}
	}
}

package vision

import "fmt"

// Limits bound what [Decode] accepts. A zero field takes its value from
// [DefaultLimits].
type Limits struct {
	MaxPixels int // width × height
	MaxBytes  int // of the encoded file
}

// DefaultLimits suit any camera: 100 megapixels (300 MB as RGB) and 256 MiB of
// encoded data.
var DefaultLimits = Limits{MaxPixels: 100_000_000, MaxBytes: 256 << 20}

// orDefault fills the zero fields.
func (l Limits) orDefault() Limits {
	if l.MaxPixels == 0 {
		l.MaxPixels = DefaultLimits.MaxPixels
	}
	if l.MaxBytes == 0 {
		l.MaxBytes = DefaultLimits.MaxBytes
	}
	return l
}

// check reports a size beyond the limit or out of range.
func (l Limits) check(width, height int64) error {
	if n := width * height; n > int64(l.MaxPixels) {
		return fmt.Errorf("image of %dx%d is %d pixels, more than the limit of %d", width, height, n, l.MaxPixels)
	}
	return checkSize(width, height)
}

// checkBytes reports a file longer than the limit.
func (l Limits) checkBytes(n int64) error {
	if n > int64(l.MaxBytes) {
		return fmt.Errorf("file is longer than the limit of %d bytes", l.MaxBytes)
	}
	return nil
}

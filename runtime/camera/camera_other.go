//go:build !linux

package camera

import (
	"context"
	"fmt"
)

// Camera cannot be opened here.
type Camera struct{}

// Open fails: cameras are read through Video4Linux 2.
func Open(path string) (*Camera, error) {
	return nil, fmt.Errorf("%s: %w: cameras are read on Linux only", path, ErrOff)
}

// Next returns the newest frame.
func (*Camera) Next(context.Context) (Frame, error) { return Frame{}, ErrOff }

// Close lets go of the camera.
func (*Camera) Close() error { return nil }

package vision

import (
	"encoding/binary"
	"fmt"
)

// checkPNG applies the limits to the size in the header. The decoder would
// report a size beyond the int of a 32-bit machine as an unsupported kind of
// PNG.
func checkPNG(data []byte, limits Limits) error {
	const (
		width, height, end = 16, 20, 24 // offsets in the file
		formatMax          = 1<<31 - 1  // longest side that the format allows
	)
	if len(data) < end {
		return nil // the decoder reports it
	}
	w, h := binary.BigEndian.Uint32(data[width:]), binary.BigEndian.Uint32(data[height:])
	if max(w, h) > formatMax {
		return fmt.Errorf("PNG data is damaged: it claims %dx%d pixels", w, h)
	}
	if err := limits.check(int64(w), int64(h)); err != nil {
		return fmt.Errorf("PNG %w", err)
	}
	return nil
}

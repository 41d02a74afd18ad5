package vision

import (
	"encoding/binary"
	"errors"
)

// checkWebP refuses animations, which the decoder does not know, and files that
// are shorter than they say, before a decoder allocates for the missing part.
func checkWebP(data []byte, _ Limits) error {
	const header, animationBit = 8, 1 << 1
	if int64(binary.LittleEndian.Uint32(data[4:])) > int64(len(data)-header) {
		return errors.New("WebP data is truncated: the file is shorter than it says")
	}
	for id, payload := range riffChunks(data) {
		if id == "VP8X" && len(payload) > 0 && payload[0]&animationBit != 0 {
			return errors.New("animated WebP is not supported; save one frame as JPEG or PNG")
		}
	}
	return nil
}

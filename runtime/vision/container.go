package vision

import (
	"encoding/binary"
	"iter"
)

// The walkers below visit the parts of a file that hold more than pixels. They
// stop without an error where the file ends early or makes no sense: the
// decoder, which sees the same bytes, reports it.

// JPEG markers that the walker must know (ITU-T T.81, table B.1).
const (
	jpegTEM  = 0x01 // this one and RST0..RST7, SOI stand alone, without a length
	jpegRST0 = 0xd0
	jpegSOI  = 0xd8
	jpegEOI  = 0xd9
	jpegSOS  = 0xda
	jpegAPP1 = 0xe1
)

// jpegSegments yields the marker segments before the first scan, marker and payload.
func jpegSegments(data []byte) iter.Seq2[byte, []byte] {
	return func(yield func(byte, []byte) bool) {
		for i := 2; i+4 <= len(data); {
			marker := data[i+1]
			if data[i] != 0xff || marker == 0xff || marker <= jpegTEM || jpegRST0 <= marker && marker <= jpegSOI {
				i++ // filler or stray byte, skipped as the decoder does
				continue
			}
			n := int(binary.BigEndian.Uint16(data[i+2:]))
			if marker == jpegEOI || marker == jpegSOS || n < 2 || n > len(data)-i-2 {
				return
			}
			if !yield(marker, data[i+4:i+2+n]) {
				return
			}
			i += 2 + n
		}
	}
}

// pngChunks yields the chunks of a PNG file, type and data.
func pngChunks(data []byte) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		const signature, frame = 8, 12 // frame: length, type, checksum
		for i := signature; i+frame <= len(data); {
			n := int64(binary.BigEndian.Uint32(data[i:]))
			if n > int64(len(data)-i-frame) {
				return
			}
			end := i + 8 + int(n)
			if !yield(string(data[i+4:i+8]), data[i+8:end]) {
				return
			}
			i = end + 4
		}
	}
}

// riffChunks yields the chunks of a WebP file, type and data.
func riffChunks(data []byte) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		const header, frame = 12, 8 // frame: type, length
		for i := header; i+frame <= len(data); {
			n := int64(binary.LittleEndian.Uint32(data[i+4:]))
			if n > int64(len(data)-i-frame) {
				return
			}
			end := i + frame + int(n)
			if !yield(string(data[i:i+4]), data[i+frame:end]) {
				return
			}
			i = end + int(n&1) // chunks are padded to even length
		}
	}
}

package vision

import "encoding/binary"

// A decoder allocates what a header claims before it has seen one pixel. The
// functions below give the least number of bytes that a valid file of a format
// needs for a number of pixels, so that a file too short for its claim is
// refused first. All sizes are at most maxSide, so products fit an int64.

// ceilDiv returns a/b rounded up.
func ceilDiv(a, b int64) int64 { return (a + b - 1) / b }

// jpegMinBytes counts coded blocks. A block of 8×8 samples costs at least one
// bit in a progressive file (its first DC scan) and two in a sequential one (a
// DC code and an end of block).
func jpegMinBytes(data []byte, width, height int64) int64 {
	blocks, bits := ceilDiv(width, 8)*ceilDiv(height, 8), int64(1)
	for marker, frame := range jpegSegments(data) {
		if marker < 0xc0 || marker > 0xc2 || len(frame) < 6 {
			continue
		}
		if marker != 0xc2 {
			bits = 2
		}
		blocks = max(blocks, jpegBlocks(frame, width, height))
		break
	}
	return ceilDiv(blocks*bits, 8)
}

// jpegBlocks returns the number of blocks of all components of a frame header
// (ITU-T T.81, A.1.1): component i has a share of hᵢ/max h of the columns and
// of vᵢ/max v of the rows.
func jpegBlocks(frame []byte, width, height int64) int64 {
	var hMax, vMax, blocks int64 = 1, 1, 0
	for c := frame[6:]; len(c) >= 3; c = c[3:] {
		hMax, vMax = max(hMax, int64(c[1]>>4)), max(vMax, int64(c[1]&15))
	}
	for c := frame[6:]; len(c) >= 3; c = c[3:] {
		h, v := int64(c[1]>>4), int64(c[1]&15)
		blocks += ceilDiv(width*h, 8*hMax) * ceilDiv(height*v, 8*vMax)
	}
	return blocks
}

// pngMinBytes uses the limit of deflate: a match of 258 bytes costs two bits or
// more, which is a ratio of 1032.
func pngMinBytes(data []byte, width, height int64) int64 {
	const deflateRatio = 1032
	bits := int64(1)
	if len(data) > 25 { // bytes 24, 25 of IHDR: bit depth, colour type
		samples := [8]int64{0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
		bits = max(1, int64(data[24])*samples[data[25]&7])
	}
	return height * ceilDiv(width*bits, 8) / deflateRatio
}

// gifMinBytes uses the limit of LZW: a code of 12 bits stands for one entry of
// the table, and an entry is at most as long as the table has entries.
func gifMinBytes(_ []byte, width, height int64) int64 {
	const maxEntry, codeBits = 4096, 12
	return width * height / maxEntry * codeBits / 8
}

// webpMinBytes depends on the coding. In a lossy file every macroblock of 16×16
// pixels costs at least three bits: its luma and chroma modes are coded with
// fixed probabilities, 3.4 bits for the likeliest pair.
//
// A lossless file has no such bound: a picture of one colour takes no bits for
// its pixels. Here the rule is ours: four megapixels are believed at once, and
// beyond them one byte for each 4096 pixels is demanded. Photos and drawings
// need far more.
func webpMinBytes(data []byte, width, height int64) int64 {
	const free, pixelsPerByte = 4 << 20, 4096
	for id := range riffChunks(data) {
		if id == "VP8L" {
			return max(0, width*height-free) / pixelsPerByte
		}
	}
	return ceilDiv(width, 16) * ceilDiv(height, 16) * 3 / 8
}

// bmpMinBytes is exact: the pixels are stored as they are, in rows of whole
// 32-bit words.
func bmpMinBytes(data []byte, width, height int64) int64 {
	const bitsOffset = 28
	if len(data) < bitsOffset+2 {
		return 0 // the decoder has refused such a header
	}
	bits := int64(binary.LittleEndian.Uint16(data[bitsOffset:]))
	return height * ceilDiv(width*bits, 32) * 4
}

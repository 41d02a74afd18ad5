package vision

import (
	"bytes"
	"encoding/binary"
)

// exifHeader precedes the TIFF structure in JPEG files; some writers put it
// into PNG and WebP files too.
var exifHeader = []byte("Exif\x00\x00")

// jpegExif returns the TIFF structure of the first EXIF segment, or nil.
func jpegExif(data []byte) []byte {
	for marker, payload := range jpegSegments(data) {
		if tiff, ok := bytes.CutPrefix(payload, exifHeader); ok && marker == jpegAPP1 {
			return tiff
		}
	}
	return nil
}

// pngExif returns the TIFF structure of the eXIf chunk, or nil.
func pngExif(data []byte) []byte {
	for id, payload := range pngChunks(data) {
		if id == "eXIf" {
			return bytes.TrimPrefix(payload, exifHeader)
		}
	}
	return nil
}

// webpExif returns the TIFF structure of the EXIF chunk, or nil.
func webpExif(data []byte) []byte {
	for id, payload := range riffChunks(data) {
		if id == "EXIF" {
			return bytes.TrimPrefix(payload, exifHeader)
		}
	}
	return nil
}

// exifOrientation returns the orientation tag of a TIFF structure (EXIF 2.32,
// 4.6.4), or upright where the structure is missing or malformed.
func exifOrientation(tiff []byte) orientation {
	const headerLen, entryLen = 8, 12
	order := tiffOrder(tiff)
	if order == nil || len(tiff) < headerLen {
		return upright
	}
	start := int64(order.Uint32(tiff[4:])) // of the first directory
	if start+2 > int64(len(tiff)) {
		return upright
	}
	entries := tiff[start+2:]
	for n := order.Uint16(tiff[start:]); n > 0 && len(entries) >= entryLen; n-- {
		if o, ok := orientationEntry(entries[:entryLen], order); ok {
			return o
		}
		entries = entries[entryLen:]
	}
	return upright
}

// tiffOrder returns the byte order of a TIFF structure, or nil where it is none.
func tiffOrder(tiff []byte) binary.ByteOrder {
	switch {
	case bytes.HasPrefix(tiff, []byte("II*\x00")):
		return binary.LittleEndian
	case bytes.HasPrefix(tiff, []byte("MM\x00*")):
		return binary.BigEndian
	}
	return nil
}

// orientationEntry reads a directory entry of 12 bytes (tag, type, count,
// value) if it is a valid orientation.
func orientationEntry(entry []byte, order binary.ByteOrder) (orientation, bool) {
	const tagOrientation, typeShort = 0x0112, 3
	if order.Uint16(entry) != tagOrientation || order.Uint16(entry[2:]) != typeShort || order.Uint32(entry[4:]) != 1 {
		return upright, false
	}
	v := order.Uint16(entry[8:])
	return orientation(v), 1 <= v && v <= 8
}

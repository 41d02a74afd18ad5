package safetensors

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

const (
	lengthSize  = 8           // bytes of the header length
	maxHeader   = 100_000_000 // bytes, the limit of the reference reader
	metadataKey = "__metadata__"
)

// split cuts a file into the text of its header and the bytes of its tensors.
func split(data []byte) (text, rest []byte, err error) {
	if len(data) == 0 {
		return nil, nil, errors.New("file is empty; want a safetensors file")
	}
	if len(data) < lengthSize {
		return nil, nil, fmt.Errorf("file has %d bytes, and the header length alone takes %d: truncated, or no safetensors file", len(data), lengthSize)
	}
	n := binary.LittleEndian.Uint64(data)
	data = data[lengthSize:]
	if n > maxHeader {
		return nil, nil, fmt.Errorf("header length %d is above the limit of %d bytes: no safetensors file", n, maxHeader)
	}
	if n > uint64(len(data)) {
		return nil, nil, fmt.Errorf("header length is %d, and only %d bytes follow: truncated, or no safetensors file", n, len(data))
	}
	return data[:n], data[n:], nil
}

// parseHeader reads the JSON text of a header. The entries come in the order of
// the text, each checked by itself.
func parseHeader(text []byte) (metadata map[string]string, entries []entry, err error) {
	text = bytes.TrimRight(text, " ") // padding
	if err := checkText(text); err != nil {
		return nil, nil, err
	}
	r := newReader(text)
	err = r.object(func(key string) (err error) {
		if key == metadataKey {
			metadata, err = r.metadata()
			return within(metadataKey, err)
		}
		e, err := r.entry(key)
		entries = append(entries, e)
		return within("tensor "+quote(key), err)
	})
	if err != nil {
		return nil, nil, err
	}
	return metadata, entries, r.end()
}

// checkText fails on what the JSON decoder would pass over in silence.
func checkText(text []byte) error {
	if len(text) == 0 {
		return errors.New("no text; want a JSON object")
	}
	if text[0] != '{' {
		return fmt.Errorf("starts with %q, not with '{': no safetensors file", text[:1])
	}
	if !utf8.Valid(text) {
		return errors.New("text is not valid UTF-8")
	}
	return checkSurrogates(text)
}

// checkSurrogates fails on an escaped half of a UTF-16 pair, which stands for
// no character. The JSON decoder takes each for U+FFFD, and so makes different
// texts equal.
func checkSurrogates(text []byte) error {
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' {
			continue
		}
		first := escaped(text[i:])
		if !utf16.IsSurrogate(first) {
			i++ // the character behind the backslash may be another one
			continue
		}
		if utf16.DecodeRune(first, escaped(text[i+6:])) == unicode.ReplacementChar {
			return fmt.Errorf("escape %q at byte %d is half of a surrogate pair", text[i:i+6], i)
		}
		i += 11
	}
	return nil
}

// escaped returns the code unit of the \uXXXX that text starts with, or -1.
func escaped(text []byte) rune {
	var unit [2]byte
	if len(text) < 6 || text[0] != '\\' || text[1] != 'u' {
		return -1
	}
	if _, err := hex.Decode(unit[:], text[2:6]); err != nil {
		return -1
	}
	return rune(binary.BigEndian.Uint16(unit[:]))
}

// within puts the place before an error.
func within(place string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", place, err)
}

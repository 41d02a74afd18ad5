package data

import (
	"bytes"
	"fmt"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// escapeLen is the length of an escape like \u00e9.
const escapeLen = 6

// checkSurrogates refuses \u escapes in a valid JSON value that are half of a
// pair: they stand for no character, as invalid UTF-8 does.
func checkSurrogates(value []byte) error {
	for {
		i := bytes.IndexByte(value, '\\')
		if i < 0 {
			return nil
		}
		value = value[i:]
		size := len(`\n`)
		if isEscape(value) {
			if size = escapeSize(value); size == 0 {
				return fmt.Errorf("%s is half of a surrogate pair, want a character", value[:escapeLen])
			}
		}
		value = value[size:]
	}
}

// escapeSize returns the length of the escape or pair of escapes at the start of
// text, or 0 if it is half of a pair.
func escapeSize(text []byte) int {
	first := escapeUnit(text)
	if !utf16.IsSurrogate(first) {
		return escapeLen
	}
	rest := text[escapeLen:]
	if !isEscape(rest) || utf16.DecodeRune(first, escapeUnit(rest)) == utf8.RuneError {
		return 0
	}
	return 2 * escapeLen
}

func isEscape(text []byte) bool { return bytes.HasPrefix(text, []byte(`\u`)) }

// escapeUnit returns the UTF-16 code unit that an escape in valid JSON stands for.
func escapeUnit(text []byte) rune {
	// The digits are hexadecimal: the text is valid.
	unit, _ := strconv.ParseUint(string(text[2:escapeLen]), 16, 16)
	return rune(unit)
}

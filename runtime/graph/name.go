package graph

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxNameLength is the longest name of a node or an output, in bytes.
const maxNameLength = 1 << 12

// checkName refuses names that could not be shown in a terminal or stored as
// text.
func checkName(name string) error {
	if name == "" || len(name) > maxNameLength {
		return fmt.Errorf("a name of %d bytes, want 1 to %d", len(name), maxNameLength)
	}
	if !utf8.ValidString(name) || strings.ContainsFunc(name, unprintable) {
		return fmt.Errorf("name %.64q has characters that cannot be printed", name)
	}
	return nil
}

func unprintable(r rune) bool { return !unicode.IsPrint(r) }

// freeName returns a name near the wished one that [checkName] accepts and that
// no node has.
func (b *Builder) freeName(wish string) string {
	wish = truncate(printable(wish), maxNameLength)
	name := wish
	for b.taken(name) {
		b.numbers[wish]++
		number := fmt.Sprintf("_%d", b.numbers[wish]+1)
		name = truncate(wish, maxNameLength-len(number)) + number
	}
	return name
}

func (b *Builder) taken(name string) bool {
	_, taken := b.g.names[name]
	_, reserved := b.reserved[name]
	return taken || reserved
}

// printable returns s with an underscore for what cannot be printed.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unprintable(r) {
			return '_'
		}
		return r
	}, strings.ToValidUTF8(s, "_"))
}

// truncate returns the longest start of s that has at most n bytes and ends
// with a whole character.
func truncate(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

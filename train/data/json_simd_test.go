//go:build amd64 && !purego && !noasm

package data

import (
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"
)

func fastParser(t testing.TB) func([]byte) (Row, bool) {
	t.Helper()
	fast := newFastParser()
	if fast == nil {
		t.Skip("this CPU lacks AVX2 or carry-less multiplication: simdjson does not run")
	}
	return fast
}

func TestParsersAgree(t *testing.T) {
	fast := fastParser(t)
	for _, c := range lineCases {
		if !utf8.ValidString(c.line) {
			continue // neither parser sees it
		}
		checkAgreement(t, fast, []byte(c.line))
	}
}

// Random edits of good lines and of random tokens give lines that are nearly
// JSON, which is where parsers differ.
func TestParsersAgreeOnEdits(t *testing.T) {
	fast := fastParser(t)
	random := rand.New(rand.NewPCG(1, 2))
	tokens := []string{`{`, `}`, `[`, `]`, `,`, `:`, `"`, `\`, `"image"`, `"label"`, `"rationales"`, `"mask_fraction"`,
		`"a"`, `\"`, `\\`, `-`, `0`, `1`, `.5`, `e9`, `true`, `false`, `null`, ` `, "\t", "\r", "\x00", "\f", "é", "\u00a0"}
	for range 10000 {
		line := []byte(lineCases[random.IntN(len(lineCases))].line)
		if len(line) > 500 {
			continue
		}
		for range 1 + random.IntN(3) {
			at, to := random.IntN(len(line)+1), random.IntN(len(line)+1)
			if to-at > 4 || to < at {
				to = at
			}
			token := tokens[random.IntN(len(tokens))]
			line = append(line[:at:at], append([]byte(token), line[to:]...)...)
		}
		checkAgreement(t, fast, []byte(strings.ToValidUTF8(string(line), "?")))
	}
}

// More structural characters than the index buffer of simdjson holds, at every
// offset to its blocks.
func TestParsersAgreeOnManyTokens(t *testing.T) {
	fast := fastParser(t)
	for _, item := range []string{`1,`, `"",`, `{},`, `"ab" , `} {
		count := (simdMaxLine - 300) / len(item)
		for pad := range 66 {
			line := []byte(`{"label":"` + strings.Repeat("x", pad) + `","x":[` + strings.Repeat(item, count) + `0],"image":"a"}`)
			if _, ok := fast(line); !ok {
				t.Fatalf("left to encoding/json: %s", line)
			}
			checkAgreement(t, fast, line)
		}
	}
	list := strings.Repeat(`"ab",`, 1500) + `"c"`
	for pad := range 66 {
		line := []byte(`{"label":"` + strings.Repeat("x", pad) + `","rationales":[` + list + `],"image":"a"}`)
		if row, ok := fast(line); !ok || len(row.Rationales) != 1501 || row.Image != "a" {
			t.Fatalf("%d rationales, %v", len(row.Rationales), ok)
		}
		checkAgreement(t, fast, line)
	}
}

// A line of the greatest length may nest as deep as it likes.
func TestParsersAgreeOnDepth(t *testing.T) {
	fast := fastParser(t)
	depth := (simdMaxLine - 100) / 2
	line := []byte(`{"image":"a","x":` + strings.Repeat("[", depth) + strings.Repeat("]", depth) + `}`)
	if _, ok := fast(line); !ok {
		t.Fatal("left to encoding/json")
	}
	checkAgreement(t, fast, line)
}

// Rows as data sets hold them do not take the slow path.
func TestSimdReadsPlainLines(t *testing.T) {
	fast := fastParser(t)
	for _, line := range []string{
		`{"image":"a"}`,
		` {"image": "a b.jpg", "label": "naïve", "mask": null, "mask_fraction": 0.7657, "unknown": {"a": [1, -2.5, true]}} `,
		`{"image": "C:\\photos\\a.jpg", "rationales": ["It is a \"cat\".", "` + strings.Repeat("long ", 1000) + `"]}`,
	} {
		if _, ok := fast([]byte(line)); !ok {
			t.Errorf("left to encoding/json: %s", line)
		}
	}
}

// A parser goes on after lines that it refused.
func TestSimdGoesOn(t *testing.T) {
	fast := fastParser(t)
	for _, c := range lineCases {
		fast([]byte(c.line))
		row, ok := fast([]byte(`{"image":"x","attributes":["y"]}`))
		if !ok || row.Image != "x" || len(row.Attributes) != 1 || row.Attributes[0] != "y" {
			t.Fatalf("after %q: row %+v, %v", c.line, row, ok)
		}
	}
}

func BenchmarkParse(b *testing.B) {
	line := []byte(lineCases[0].line)
	b.Run("simdjson", func(b *testing.B) {
		fast := fastParser(b)
		b.SetBytes(int64(len(line)))
		for b.Loop() {
			fast(line)
		}
	})
	b.Run("encoding/json", func(b *testing.B) {
		b.SetBytes(int64(len(line)))
		for b.Loop() {
			if _, err := parseStd(line); err != nil {
				b.Fatal(err)
			}
		}
	})
}

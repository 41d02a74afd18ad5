package data

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzRows compares the two parsers on valid UTF-8, and the decoder with what
// defines it on any bytes.
func FuzzRows(f *testing.F) {
	for _, c := range lineCases {
		if len(c.line) < 1000 {
			f.Add([]byte(c.line))
		}
	}
	f.Add([]byte(`{"image":"a","rationales":["` + strings.Repeat(`","`, 600) + `"]}`))
	f.Add([]byte(`{"image":"a","x":[` + strings.Repeat(`1,`, 1500) + `1]}`))
	fast, decode := newFastParser(), newDecoder()
	f.Fuzz(func(t *testing.T, line []byte) {
		before := bytes.Clone(line)
		got, err := decode(line)
		if !bytes.Equal(line, before) {
			t.Fatalf("the decoder changed its input %q", before)
		}
		if !utf8.Valid(line) {
			if err == nil {
				t.Fatalf("%q is not UTF-8 and was accepted", line)
			}
			return
		}
		if fast != nil {
			checkAgreement(t, fast, line)
		}
		want, wantErr := parse(line, nil)
		if wantErr == nil {
			wantErr = want.check()
		}
		if (err == nil) != (wantErr == nil) || err == nil && !reflect.DeepEqual(got, want) {
			t.Fatalf("%q: decoded to %+v, %v; want %+v, %v", line, got, err, want, wantErr)
		}
	})
}

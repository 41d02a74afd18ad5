package data

import (
	"bytes"
	"reflect"
	"slices"
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

// FuzzRunLengths checks that compressed run lengths are refused or give a mask,
// and the same one when they are written again.
func FuzzRunLengths(f *testing.F) {
	f.Add("52203", 4, 4)
	f.Add("01;", 4, 3)
	f.Add("PPPPPPPP0", 1, 1)
	f.Add("oooooo?", 9, 9)
	f.Fuzz(func(t *testing.T, text string, width, height int) {
		counts, err := unpackRuns(text)
		if err != nil || width < 1 || height < 1 || width > 64 || height > 64 {
			return
		}
		again, err := unpackRuns(packRuns(counts))
		if err != nil || !slices.Equal(again, counts) {
			t.Fatalf("%q is %v, written again %v (%v)", text, counts, again, err)
		}
		b := newBitmap(width, height)
		if fillRuns(b, counts) != nil {
			return
		}
		area := 0
		for i := 1; i < len(counts); i += 2 {
			area += counts[i]
		}
		if marked := bytes.Count(b.Pix, []byte{1}); marked != area {
			t.Fatalf("%q marks %d pixels, want %d", text, marked, area)
		}
	})
}

// FuzzCOCO checks that a damaged COCO file gives errors and no more, its masks
// too.
func FuzzCOCO(f *testing.F) {
	f.Add([]byte(cocoText))
	f.Add([]byte(captionsText))
	f.Add([]byte(`{"images":[{"id":1,"file_name":"a"}],"categories":[{"id":1,"name":"a"}],"annotations":[{"image_id":1,"category_id":1,"segmentation":[[1,1,3,1,2,3.5]]}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		path := write(t, string(text), t.TempDir(), "set.json")
		err := eachCOCO(path, func(row Row) bool {
			if row.Image == "" {
				t.Fatal("a row without an image")
			}
			b, err := row.ReadMask(4, 3)
			if err == nil && b != nil && len(b.Pix) != 12 {
				t.Fatalf("a mask of %d pixels", len(b.Pix))
			}
			return true
		})
		if err != nil && !strings.HasPrefix(err.Error(), path+": ") {
			t.Fatalf("error %v does not begin with the path", err)
		}
	})
}

package data

import (
	"errors"
	"strings"
	"testing"
)

func TestKindsOfFiles(t *testing.T) {
	for text, coco := range map[string]bool{
		`{"images": [{"id": 1`:                               true,
		`{"info": {"a": [1]}, "licenses": [], "images": [ {`: true,
		`{"annotations": []`:                                 true,
		`{"type": "instances", "categories": [{`:             true,
		`{"image": "a", "annotations": [{}]}`:                false,
		`{"categories": ["cat"], "image": "a"}`:              false,
		`{"annotations": {"a": 1}, "image": "a"}`:            false,
		`{"label": "images"}` + "\n" + `{"images": [{}]}`:    false,
		`{}`:               false,
		`[{"images": []}]`: false,
		``:                 false,
		"\xff\xd8":         false,
		`{"info": "` + strings.Repeat("x", sniffLength) + `"`: false,
	} {
		if startsAsCOCO(strings.NewReader(text)) != coco {
			t.Errorf("%.80s: COCO is %v, want %v", text, !coco, coco)
		}
	}
}

func TestKindsOfFolders(t *testing.T) {
	row := `{"image": "a.jpg"}` + "\n"
	one := t.TempDir()
	write(t, row, one, "rows.jsonl")
	write(t, "", one, "images", "a.jpg")
	if rows, err := collect(t, one); err != nil || len(rows) != 1 || rows[0].Line != 1 {
		t.Errorf("rows %+v (%v) of a folder with a JSONL file", rows, err)
	}
	for _, names := range [][2]string{
		{"train.jsonl", "val.jsonl"}, {"annotations/instances_a.json", "annotations/instances_b.json"}, {"instances_[a.json", "instances_b.json"},
	} {
		folder := t.TempDir()
		for _, name := range names {
			write(t, row, folder, name)
		}
		_, err := Open(folder)
		var format *FormatError
		if !errors.As(err, &format) || format.Path != folder || !strings.Contains(err.Error(), names[1]) || !strings.Contains(err.Error(), "give one of them") {
			t.Errorf("%v: error %v", names, err)
		}
	}
	var format *FormatError
	if _, err := collect(t, t.TempDir()); !errors.As(err, &format) {
		t.Errorf("error %v for an empty folder", err)
	}
}

// A name may hold what patterns are made of.
func TestFolderNamedLikeAPattern(t *testing.T) {
	path := write(t, `{"image": "a.jpg"}`, t.TempDir(), "photos [1]", "rows.jsonl")
	rows, err := collect(t, strings.TrimSuffix(path, "rows.jsonl"))
	if err != nil || len(rows) != 1 {
		t.Errorf("rows %v (%v)", rows, err)
	}
}

package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"megl-edge/train/data"
)

// classFolders makes a folder with a folder for each class, of n photos each. The
// photos differ, also from those of another base.
func classFolders(t *testing.T, base, n int, classes ...string) string {
	t.Helper()
	root := t.TempDir()
	for c, class := range classes {
		if err := os.MkdirAll(filepath.Join(root, class), 0o700); err != nil {
			t.Fatal(err)
		}
		for i := range n {
			photo := pictureOf(t, func(p int) uint8 { return uint8(p*(c+1) + i + base) })
			if err := os.WriteFile(filepath.Join(root, class, fmt.Sprintf("%d.png", i)), photo, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	return root
}

func TestDataCheckOfCleanData(t *testing.T) {
	train, val := classFolders(t, 0, 3, "cat", "dog"), classFolders(t, 50, 1, "cat", "dog")
	text := done(t, "data", "check", train, "--val", val)
	for _, phrase := range []string{train + ": 6 photos, 2 classes", "label     6        0", "mask     0        6", "cat    3", "3 at most, 3 at least", "no problems", val + ": 2 photos"} {
		if !strings.Contains(text, phrase) {
			t.Errorf("it does not print %q:\n%s", phrase, text)
		}
	}
	line := done(t, "data", "check", train, "--json")
	r := decoded[dataCheckResult](t, line)
	if r.Schema != "megl-edge/data-check/1" || len(r.Sets) != 1 || r.Sets[0].Rows != 6 || r.Problems != 0 || !strings.Contains(line, `"findings":[]`) {
		t.Errorf("the line is %s", line)
	}
}

func TestDataCheckOfBadData(t *testing.T) {
	train := classFolders(t, 0, 12, "cat", "dog", "eel")
	photo, err := os.ReadFile(filepath.Join(train, "cat", "4.png"))
	if err != nil {
		t.Fatal(err)
	}
	val := classFolders(t, 60, 2, "cat", "fox")
	if err := os.WriteFile(filepath.Join(val, "cat", "1.png"), photo, 0o600); err != nil {
		t.Fatal(err)
	}
	for i := range 9 {
		if err := os.WriteFile(filepath.Join(train, "dog", fmt.Sprintf("bad%d.png", i)), photo[:40+i], 0o600); err != nil {
			t.Fatal(err)
		}
	}
	o := megl(t, "data", "check", train, "--val", val, "--most", "2")
	if o.status != statusFailed || o.err != "megl-edge: the data have 12 problems\n" {
		t.Errorf("status %d: %q", o.status, o.err)
	}
	for _, phrase := range []string{"9 × unreadable photo\n  " + filepath.Join(train, "dog", "bad0.png") + ": PNG data is truncated", "  … 7 more", "1 × photo in two splits", filepath.Join("cat", "1.png") + ": the same pixels as ", `2 × label not in the list`, `the label "fox"`, "2 classes without any"} {
		if !strings.Contains(o.out, phrase) {
			t.Errorf("it does not print %q:\n%s", phrase, o.out)
		}
	}
	o = megl(t, "data", "check", train, "--val", val, "--json")
	r := decoded[dataCheckResult](t, o.out)
	if o.status != statusFailed || r.Problems != 12 || len(r.Sets[0].Findings) != 9 || r.Sets[1].Findings[0].Problem != data.ProblemSplit {
		t.Errorf("status %d: %s", o.status, o.out)
	}
}

func TestDataCheckMistakes(t *testing.T) {
	folder := classFolders(t, 0, 1, "cat")
	refused(t, "no such file", "data", "check", filepath.Join(folder, "none"))
	refused(t, "no such file", "data", "check", folder, "--val", filepath.Join(folder, "none"))
	refused(t, "no such file", "data", "check", folder, "--model", filepath.Join(folder, "none"))
	refused(t, "no photos in the folder", "data", "check", t.TempDir())
	refused(t, "rows.jsonl:1", "data", "check", written(t, "rows.jsonl", []byte("{\"image\": 3}\n")))
	refused(t, "the file is cut off", "data", "check", written(t, "set.json", []byte(`{"images": [`+"{")))
	refused(t, "--most -1", "data", "check", folder, "--most=-1")
	refused(t, `expected "check"`, "data")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out strings.Builder
	if status := run(ctx, streams{out: &out, err: &out}, []string{"data", "check", folder}); status != statusFailed || !strings.Contains(out.String(), "interrupted") {
		t.Errorf("status %d and %q when it is interrupted", status, out.String())
	}
}

func TestDataCheckOfModelLabels(t *testing.T) {
	m := resnet(t)
	folder := classFolders(t, 0, 1, "class 3", "class 30")
	o := megl(t, "data", "check", folder, "-m", m)
	if o.status != statusFailed || !strings.Contains(o.out, `the label "class 30"`) || !strings.Contains(o.out, "9 classes without any") {
		t.Errorf("status %d: %s", o.status, o.out)
	}
}

// One photo of the real data is in both splits; COCO has nothing wrong.
func TestDataCheckOfRealData(t *testing.T) {
	folder := shared(t, "data", "objectme_mini")
	o := megl(t, "data", "check", filepath.Join(folder, "val.jsonl"), "--val", filepath.Join(folder, "train.jsonl"), "--json")
	r := decoded[dataCheckResult](t, o.out)
	if o.status != statusFailed || r.Problems != 1 || r.Sets[0].Rows != 337 || r.Sets[1].Masks != 2233 || r.Sets[1].Findings[0].Problem != data.ProblemSplit {
		t.Errorf("status %d: %.2000s", o.status, o.out)
	}
	done(t, "data", "check", shared(t, "data", "coco_mini"))
}

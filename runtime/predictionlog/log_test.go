package predictionlog_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"megl-edge/runtime/predictionlog"
)

func open(t testing.TB, path string) *predictionlog.Log {
	t.Helper()
	l, err := predictionlog.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func entry(label string) predictionlog.Prediction {
	return predictionlog.Prediction{Time: time.Unix(1e9, 0).UTC(), Photo: "a.jpg", Label: label, Probability: .5, Sentence: "because\nof <it>"}
}

func verify(t testing.TB, path string) (predictionlog.Summary, error) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return predictionlog.Verify(bytes.NewReader(text))
}

// Several logs append to one file, in whatever order, and give one chain.
func TestAppend(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log.jsonl")
	var all sync.WaitGroup
	const writers, rows = 4, 10
	for w := range writers {
		l := open(t, path)
		all.Go(func() {
			for i := range rows {
				if err := l.Append(entry(fmt.Sprint(w, i, strings.Repeat("long", 700*i)))); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if s, err := verify(t, path); err != nil || s.Rows != writers*rows || s.Torn != 0 {
		t.Errorf("%+v, %v", s, err)
	}
}

// A row that a crash cut off at any byte costs no other row, before or after.
func TestTornRow(t *testing.T) {
	folder := t.TempDir()
	whole := filepath.Join(folder, "whole")
	l := open(t, whole)
	for range 3 {
		if err := l.Append(entry("a")); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(whole)
	if err != nil {
		t.Fatal(err)
	}
	second := bytes.LastIndexByte(text[:len(text)-1], '\n') + 1
	for cut := second; cut < len(text); cut += 7 {
		path := filepath.Join(folder, fmt.Sprint(cut))
		if err := os.WriteFile(path, text[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		l := open(t, path)
		for range 2 {
			if err := l.Append(entry("b")); err != nil {
				t.Fatal(err)
			}
		}
		torn := 1
		if cut == second {
			torn = 0
		}
		if s, err := verify(t, path); err != nil || s.Rows != 4 || s.Torn != torn {
			t.Errorf("cut at %d: %+v, %v", cut, s, err)
		}
	}
}

func TestVerifyFindsWhatWasChanged(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log.jsonl")
	l := open(t, path)
	for _, label := range []string{"a", "b", "c", "d"} {
		if err := l.Append(entry(label)); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.SplitAfter(text, []byte("\n"))
	for name, changed := range map[string][]byte{
		"changed":     bytes.Replace(text, []byte(`"label":"b"`), []byte(`"label":"x"`), 1),
		"taken out":   bytes.Join([][]byte{lines[0], lines[2], lines[3]}, nil),
		"put in":      bytes.Join([][]byte{lines[0], lines[1], lines[1], lines[2], lines[3]}, nil),
		"in disorder": bytes.Join([][]byte{lines[1], lines[0], lines[2], lines[3]}, nil),
	} {
		if s, err := predictionlog.Verify(bytes.NewReader(changed)); err == nil {
			t.Errorf("a row is %s: %+v", name, s)
		}
	}
	for _, lines := range []int{1, 1e6} {
		if err := os.WriteFile(path, bytes.Repeat([]byte("no log\n"), lines), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := l.Append(entry("e")); err == nil || !strings.Contains(err.Error(), "no log of predictions") {
			t.Errorf("%d lines of something else: %v", lines, err)
		}
	}
}

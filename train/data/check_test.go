package data

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// kindsOf returns what was found as text: problem and line.
func kindsOf(c *Checked) []string {
	var kinds []string
	for _, f := range c.Findings {
		kinds = append(kinds, string(f.Problem)+f.Place[strings.LastIndex(f.Place, ":"):])
	}
	return kinds
}

func TestCheckFindsNothing(t *testing.T) {
	d := mustLoad(t, drawnSet(t, 5))
	last := 0
	c, err := Check(t.Context(), d, func(done int) {
		if done != last+1 {
			t.Errorf("step %d after %d", done, last)
		}
		last = done
	})
	if err != nil || len(c.Findings) != 0 || last != 5 {
		t.Errorf("findings %v, error %v, %d steps", c, err, last)
	}
	want := Counts{Rows: 5, Labels: 5, Masks: 4, Texts: 3, Classes: []ClassCount{{"class 0", 2, 2}, {"class 1", 2, 1}, {"class 2", 1, 1}}}
	if got := d.Count(); !reflect.DeepEqual(got, want) {
		t.Errorf("counts %+v, want %+v", got, want)
	}
}

func TestCheckFindsProblems(t *testing.T) {
	path := drawnSet(t, 8)
	folder := filepath.Dir(path)
	write(t, "no picture", folder, "0.png")
	if err := os.Remove(filepath.Join(folder, "2.mask.png")); err != nil {
		t.Fatal(err)
	}
	drawnPNG(t, grayOf([]uint8{1, 1}), folder, "3.mask.png")
	drawnPNG(t, grayOf(make([]uint8, 5)), folder, "same.png")
	drawnPNG(t, grayOf(make([]uint8, 5)), folder, "black.png")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	write(t, string(text)+`{"image": "same.png", "label": "x"}
{"image": "black.png", "mask": "black.png"}
{"image": "6.png", "label": "class 0"}
`, path)
	none := func(int) {}
	d := mustLoad(t, path, "class 0", "class 1", "class 2", "class 3")
	c, err := Check(t.Context(), d, none)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"unreadable photo:1", "unreadable mask:3", "mask of another size:4", "label not in the list:9",
		"mask that marks nothing:10", "photo that occurs twice:10", "photo that occurs twice:11",
	}
	if got := kindsOf(c); !slices.Equal(got, want) {
		t.Errorf("found %q, want %q", got, want)
	}
	for i, f := range c.Findings {
		if !slices.Contains(Problems, f.Problem) || f.Detail == "" {
			t.Errorf("finding %d: %+v", i, f)
		}
	}
	val := mustLoad(t, write(t, `{"image": "7.png"}
{"image": "1.mask.png"}
{"image": "none.png"}
`, folder, "val.jsonl"))
	other, err := Check(t.Context(), val, none, c)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := kindsOf(other), []string{"photo in two splits:1", "unreadable photo:3"}; !slices.Equal(got, want) {
		t.Errorf("found %q, want %q", got, want)
	}
	if want := fmt.Sprintf("the same pixels as %s:8", path); other.Findings[0].Detail != want {
		t.Errorf("detail %q, want %q", other.Findings[0].Detail, want)
	}
}

func TestCheckIsInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	c, err := Check(ctx, mustLoad(t, drawnSet(t, 9)), func(int) { cancel() })
	if c != nil || !errors.Is(err, context.Canceled) {
		t.Errorf("result %v and error %v", c, err)
	}
}

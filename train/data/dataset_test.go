package data

import (
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func TestDataset(t *testing.T) {
	path := write(t, `{"image": "1.jpg", "label": "dog"}
{"image": "2.jpg"}

{"image": "3.jpg", "label": "cat", "id": "c"}
{"image": "4.jpg", "label": "dog"}
`, t.TempDir(), "rows.jsonl")
	for _, c := range []struct {
		labels  []string
		want    []string
		classes []int
	}{
		{nil, []string{"cat", "dog"}, []int{1, NoClass, 0, 1}},
		{[]string{"dog", "Cat", "bird"}, []string{"dog", "Cat", "bird"}, []int{0, NoClass, NoClass, 0}},
	} {
		d, err := Load(path, c.labels)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(d.Labels(), c.want) || d.Len() != 4 || d.Path() != path {
			t.Errorf("labels %v, %d rows of %s", d.Labels(), d.Len(), d.Path())
		}
		for i, want := range c.classes {
			if d.Class(i) != want || d.Unlisted(i) != (i == 2 && want == NoClass) {
				t.Errorf("%v: row %d has class %d, unlisted %v; want %d", c.labels, i, d.Class(i), d.Unlisted(i), want)
			}
		}
		if got := d.Place(2); got != path+":4" || d.Row(2).ID != "c" {
			t.Errorf("row 2 is at %s", got)
		}
	}
	if _, err := Load(filepath.Join(path, "none"), nil); err == nil {
		t.Error("no error for a path that is not there")
	}
}

func TestPlaces(t *testing.T) {
	coco := cocoTree(t)
	folder := t.TempDir()
	photo := write(t, "", folder, "cat", "1.jpg")
	for path, want := range map[string]string{coco: coco + ": image 20", folder: photo} {
		d, err := Load(path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if d.Place(0) != want {
			t.Errorf("place %s, want %s", d.Place(0), want)
		}
	}
}

// The order is part of what training can be repeated from.
func TestOrderIsTheSameEverywhere(t *testing.T) {
	for key, want := range map[[2]uint64]string{
		{0, 0}: "[6 4 8 10 9 0 5 7 2 3 1 11]",
		{0, 1}: "[10 9 0 5 6 1 3 2 4 7 11 8]",
		{1, 0}: "[0 10 9 6 8 1 2 3 7 5 11 4]",
	} {
		if got := fmt.Sprint(Order(12, key[0], key[1])); got != want {
			t.Errorf("seed %d, epoch %d: %s, want %s", key[0], key[1], got, want)
		}
	}
}

func TestOrderIsAPermutation(t *testing.T) {
	for n := range 40 {
		order := Order(n, 5, 7)
		slices.Sort(order)
		for i, v := range order {
			if i != v {
				t.Fatalf("%d rows: %v", n, order)
			}
		}
	}
}

// Every row comes to every place about as often, over epochs and over seeds.
func TestOrderIsEven(t *testing.T) {
	const n, runs = 7, 7000
	for name, order := range map[string]func(i uint64) []int{
		"epochs": func(i uint64) []int { return Order(n, 3, i) },
		"seeds":  func(i uint64) []int { return Order(n, i, 3) },
	} {
		var times [n][n]int
		for i := range uint64(runs) {
			for place, row := range order(i) {
				times[place][row]++
			}
		}
		// 1000 are expected, with a deviation of 29.
		for place, list := range times {
			if slices.Min(list[:]) < 870 || slices.Max(list[:]) > 1130 {
				t.Errorf("%s: place %d is taken %v times", name, place, list)
			}
		}
	}
}

func TestKeysAreApart(t *testing.T) {
	seen := map[uint64]string{}
	for _, key := range [][]uint64{{}, {0}, {1}, {0, 0}, {0, 1}, {1, 0}, {1, 1}, {0, 0, 0}, {1 << 63}, {0, 1 << 63}} {
		first := newRandom(key...).Uint64()
		if other, twice := seen[first]; twice {
			t.Errorf("%v begins as %s", key, other)
		}
		seen[first] = strings.Trim(fmt.Sprint(key), "[]")
	}
}

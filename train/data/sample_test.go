package data

import (
	"errors"
	"iter"
	"slices"
	"testing"
)

// count yields n rows with the lines 1 to n.
func count(n int) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		for i := range n {
			if !yield(Row{Line: i + 1}, nil) {
				return
			}
		}
	}
}

func sampleLines(t *testing.T, total, n int, seed uint64) []int {
	t.Helper()
	rows, err := Sample(count(total), n, seed)
	if err != nil {
		t.Fatal(err)
	}
	lines := make([]int, len(rows))
	for i, r := range rows {
		lines[i] = r.Line
	}
	return lines
}

// The choice is part of what a calibration can be repeated from.
func TestSampleIsTheSameEverywhere(t *testing.T) {
	for _, c := range []struct {
		seed uint64
		want []int
	}{
		{0, []int{62, 378, 397, 469, 476, 851, 916, 971}},
		{1, []int{178, 299, 308, 555, 685, 698, 726, 790}},
	} {
		if got := sampleLines(t, 1000, 8, c.seed); !slices.Equal(got, c.want) {
			t.Errorf("seed %d: lines %v, want %v", c.seed, got, c.want)
		}
	}
}

func TestSampleTakesAll(t *testing.T) {
	all := []int{1, 2, 3, 4, 5}
	for _, n := range []int{-1, 0, 5, 6, 1 << 30} {
		if got := sampleLines(t, 5, n, 3); !slices.Equal(got, all) {
			t.Errorf("n %d: lines %v", n, got)
		}
	}
	if got := sampleLines(t, 0, 4, 3); len(got) != 0 {
		t.Errorf("lines %v of no rows", got)
	}
}

// Samples are distinct, in order, and take each row about as often.
func TestSampleIsEven(t *testing.T) {
	const total, n, runs = 20, 5, 4000
	var taken [total + 1]int
	for seed := range uint64(runs) {
		lines := sampleLines(t, total, n, seed)
		if len(lines) != n || !slices.IsSorted(lines) || len(slices.Compact(slices.Clone(lines))) != n {
			t.Fatalf("seed %d: lines %v", seed, lines)
		}
		for _, line := range lines {
			taken[line]++
		}
	}
	// 1000 each are expected, with a deviation of 27.
	for line, times := range taken[1:] {
		if times < 880 || times > 1120 {
			t.Errorf("line %d is taken %d times", line+1, times)
		}
	}
}

func TestSampleReturnsTheError(t *testing.T) {
	fault := errors.New("fault")
	rows := func(yield func(Row, error) bool) {
		_ = yield(Row{Line: 1}, nil) && yield(Row{}, fault)
	}
	if got, err := Sample(rows, 1, 0); err != fault || got != nil {
		t.Errorf("rows %v and error %v", got, err)
	}
}

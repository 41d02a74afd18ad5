package data

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"image"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"megl-edge/runtime/vision"
)

// drawnSet writes n photos, no two alike, with masks and a JSONL file.
func drawnSet(t testing.TB, n int) string {
	t.Helper()
	folder := t.TempDir()
	var rows strings.Builder
	for i := range n {
		width, height := 40+3*i, 50-i
		photo, mask := image.NewRGBA(image.Rect(0, 0, width, height)), image.NewGray(image.Rect(0, 0, width, height))
		for y := range height {
			for x := range width {
				copy(photo.Pix[photo.PixOffset(x, y):], []uint8{uint8(x*5 + i), uint8(y*7 ^ i*31), uint8(x * y), 255})
				if dx, dy := x-width/2, y-height/3; dx*dx+dy*dy < 150 {
					mask.Pix[mask.PixOffset(x, y)] = 255
				}
			}
		}
		drawnPNG(t, photo, folder, fmt.Sprintf("%d.png", i))
		drawnPNG(t, mask, folder, fmt.Sprintf("%d.mask.png", i))
		fmt.Fprintf(&rows, `{"image": "%d.png", "label": "class %d"`, i, i%3)
		if i%4 != 1 {
			fmt.Fprintf(&rows, `, "mask": "%d.mask.png"`, i)
		}
		if i%2 == 0 {
			fmt.Fprintf(&rows, `, "rationales": ["Sentence %d."]`, i)
		}
		rows.WriteString("}\n")
	}
	return write(t, rows.String(), folder, "rows.jsonl")
}

func mustLoad(t testing.TB, path string, labels ...string) *Dataset {
	t.Helper()
	d, err := Load(path, labels)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func trainingOptions() LoaderOptions {
	a := DefaultAugment
	return LoaderOptions{Preprocess: square, Augment: &a, Batch: 4, Shuffle: true, Seed: 11, Epochs: 3}
}

// hashExample adds all that an example holds.
func hashExample(h hash.Hash, e *Example) {
	fmt.Fprintln(h, e.Index, e.Class, e.LabelWeight, e.MaskWeight, e.TextWeight, e.Rationales, e.Faults)
	h.Write(e.Pixels)
	for _, v := range e.Mask {
		binary.Write(h, binary.LittleEndian, math.Float32bits(v))
	}
}

// hashes returns the hash of every example that comes, by its place.
func hashes(t *testing.T, d *Dataset, o LoaderOptions) map[Cursor]string {
	t.Helper()
	l, err := NewLoader(t.Context(), d, o)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	found := map[Cursor]string{}
	last := o.Start
	for {
		b, err := l.Next()
		if err == io.EOF {
			return found
		}
		if err != nil {
			t.Fatal(err)
		}
		if b.Start != last && b.Start != (Cursor{Epoch: last.Epoch + 1}) {
			t.Errorf("a batch starts at %v, the last one ended at %v", b.Start, last)
		}
		last = b.End
		for i := range b.Examples {
			h := sha256.New()
			hashExample(h, &b.Examples[i])
			found[Cursor{b.Start.Epoch, b.Start.Position + i}] = hex.EncodeToString(h.Sum(nil))
		}
	}
}

// The bytes do not depend on the number of workers, on the size of batches, or on
// where the work was taken up again.
func TestLoaderGivesTheSameBytes(t *testing.T) {
	const n = 10
	d := mustLoad(t, drawnSet(t, n))
	want := hashes(t, d, trainingOptions())
	if len(want) != 3*n {
		t.Fatalf("%d examples, want %d", len(want), 3*n)
	}
	check := func(name string, o LoaderOptions, skipped int) {
		t.Helper()
		got := hashes(t, d, o)
		if len(got) != len(want)-skipped {
			t.Errorf("%s: %d examples, want %d", name, len(got), len(want)-skipped)
		}
		for at, h := range got {
			if h != want[at] {
				t.Errorf("%s: the example at %v differs", name, at)
			}
		}
	}
	for _, workers := range []int{1, 2, 7} {
		for _, batch := range []int{1, 4, 100} {
			o := trainingOptions()
			o.Workers, o.Batch, o.Ahead = workers, batch, workers
			check(fmt.Sprintf("%d workers, batches of %d", workers, batch), o, 0)
		}
	}
	for _, start := range []Cursor{{0, 3}, {1, 0}, {1, 9}, {1, 10}, {2, 10}} {
		o := trainingOptions()
		o.Start = start
		check(fmt.Sprintf("from %v", start), o, int(start.Epoch)*n+start.Position)
	}
}

// The pixels are part of what training can be repeated from: one hash for every
// processor.
func TestAugmentedPhotosAreTheSameEverywhere(t *testing.T) {
	const want = "38cb771671134b005a0e156d9583e609b97e2ff08f5967e68b6d22abe221ae33"
	h := sha256.New()
	d := mustLoad(t, drawnSet(t, 6))
	o := trainingOptions()
	l, err := NewLoader(t.Context(), d, o)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for {
		b, err := l.Next()
		if err != nil {
			break
		}
		for i := range b.Examples {
			hashExample(h, &b.Examples[i])
		}
	}
	if got := hex.EncodeToString(h.Sum(nil)); got != want {
		t.Errorf("hash %s, want %s", got, want)
	}
}

func TestAugmentedRealPhotosAreTheSameEverywhere(t *testing.T) {
	const want = "469716c0a9ad0313f368fcfe224560e49870ddf92d84181ab6f63becdf6073c7"
	h := sha256.New()
	d := mustLoad(t, filepath.Join(sharedData(t, "objectme_mini"), "val.jsonl"))
	o := trainingOptions()
	o.Batch, o.Epochs = 16, 1
	l, err := NewLoader(t.Context(), d, o)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	b, err := l.Next()
	if err != nil {
		t.Fatal(err)
	}
	for i := range b.Examples {
		e := &b.Examples[i]
		if len(e.Faults) > 0 || e.LabelWeight != 1 || len(e.Rationales) != 4*int(e.TextWeight) {
			t.Errorf("example %d: %v, %d sentences of weight %v", i, e.Faults, len(e.Rationales), e.TextWeight)
		}
		hashExample(h, e)
	}
	if got := hex.EncodeToString(h.Sum(nil)); got != want {
		t.Errorf("hash %s, want %s", got, want)
	}
}

// Without augmentation the pixels are what the model sees when it is used, and the
// photos come in their order.
func TestLoaderWithoutAugmentation(t *testing.T) {
	d := mustLoad(t, drawnSet(t, 5))
	l, err := NewLoader(t.Context(), d, LoaderOptions{Preprocess: square, Batch: 5})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	b, err := l.Next()
	if err != nil {
		t.Fatal(err)
	}
	for i := range b.Examples {
		e := &b.Examples[i]
		row := d.Row(i)
		im, err := vision.DecodeFile(row.Image, vision.DefaultLimits)
		if err != nil {
			t.Fatal(err)
		}
		seen, err := square.Apply(im)
		if err != nil {
			t.Fatal(err)
		}
		if string(e.Pixels) != string(seen.Pix) || e.Index != i || e.Class != i%3 || e.LabelWeight != 1 {
			t.Errorf("example %d is not what the model sees", i)
		}
		if masked := i%4 != 1; (e.MaskWeight == 1) != masked || len(e.Mask) != 32*32 {
			t.Errorf("example %d: mask weight %v", i, e.MaskWeight)
		}
		if texts := i%2 == 0; (e.TextWeight == 1) != texts || (len(e.Rationales) == 1) != texts {
			t.Errorf("example %d: text weight %v", i, e.TextWeight)
		}
	}
	if len(b.Pixels) != 5*32*32*3 || len(b.Masks) != 5*32*32 || &b.Pixels[32*32*3] != &b.Examples[1].Pixels[0] {
		t.Error("the batch does not lie in one piece")
	}
}

// A mask that is cut away says nothing.
func TestMaskOutOfSight(t *testing.T) {
	folder := t.TempDir()
	corner := image.NewGray(image.Rect(0, 0, 64, 64))
	corner.Pix[0] = 255
	drawnPNG(t, corner, folder, "m.png")
	drawnPNG(t, image.NewGray(image.Rect(0, 0, 64, 64)), folder, "a.png")
	d := mustLoad(t, write(t, `{"image": "a.png", "mask": "m.png"}`, folder, "rows.jsonl"))
	l, err := NewLoader(t.Context(), d, LoaderOptions{Preprocess: square, Batch: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	b, err := l.Next()
	if err != nil || b.Examples[0].MaskWeight != 0 || len(b.Examples[0].Faults) != 0 || b.Examples[0].LabelWeight != 0 {
		t.Errorf("example %+v (%v)", b.Examples[0], err)
	}
}

func TestFaultsOfRows(t *testing.T) {
	path := drawnSet(t, 6)
	folder := filepath.Dir(path)
	drawnPNG(t, grayOf([]uint8{1, 1}), folder, "0.mask.png")
	write(t, "no picture", folder, "2.mask.png")
	write(t, "no picture", folder, "3.png")
	d := mustLoad(t, path, "class 0", "class 2")
	l, err := NewLoader(t.Context(), d, LoaderOptions{Preprocess: square, Batch: 6})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	// It vanishes while the work is going on.
	if err := os.Remove(filepath.Join(folder, "5.png")); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Next(); err != nil {
		t.Fatal(err)
	}
	var b *Batch
	for range 4 { // those that were made before
		if b, err = l.Next(); err != nil {
			t.Fatal(err)
		}
	}
	for i, want := range [][]Part{{PartMask}, {PartLabel}, {PartMask}, {PartPhoto}, {PartLabel}, {PartPhoto}} {
		e := &b.Examples[i]
		var parts []Part
		for _, fault := range e.Faults {
			parts = append(parts, fault.Part)
			if !strings.HasPrefix(fault.Error(), fmt.Sprintf("%s:%d: ", path, i+1)) {
				t.Errorf("example %d: %v", i, &fault)
			}
		}
		if fmt.Sprint(parts) != fmt.Sprint(want) {
			t.Errorf("example %d: faults %v, want %v", i, e.Faults, want)
		}
		broken := want[0] == PartPhoto
		if (e.LabelWeight == 0) != (want[0] != PartMask) || (e.MaskWeight == 0) != (i != 4) || broken && e.TextWeight != 0 || broken != (strings.Trim(string(e.Pixels), "\x00") == "") {
			t.Errorf("example %d: weights %v %v %v", i, e.LabelWeight, e.MaskWeight, e.TextWeight)
		}
	}
	var misfit *MaskSizeError
	var unlisted *UnlistedError
	if !errors.As(&b.Examples[0].Faults[0], &misfit) || !errors.As(&b.Examples[1].Faults[0], &unlisted) || unlisted.Label != "class 1" {
		t.Errorf("faults %v and %v", b.Examples[0].Faults, b.Examples[1].Faults)
	}
}

func TestLoaderRefuses(t *testing.T) {
	d := mustLoad(t, drawnSet(t, 2))
	for name, change := range map[string]func(o *LoaderOptions){
		"batch 0":          func(o *LoaderOptions) { o.Batch = 0 },
		"huge batch":       func(o *LoaderOptions) { o.Batch = 1 << 20 },
		"negative workers": func(o *LoaderOptions) { o.Workers = -1 },
		"negative ahead":   func(o *LoaderOptions) { o.Ahead = -1 },
		"negative epochs":  func(o *LoaderOptions) { o.Epochs = -1 },
		"start":            func(o *LoaderOptions) { o.Start.Position = 3 },
		"preprocess":       func(o *LoaderOptions) { o.Preprocess.Width = 0 },
		"augment":          func(o *LoaderOptions) { o.Augment.Mirror = 2 },
	} {
		o := trainingOptions()
		change(&o)
		if _, err := NewLoader(t.Context(), d, o); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// Nothing runs on when the loader is closed, wherever it was, or its context ends.
func TestLoaderEnds(t *testing.T) {
	d := mustLoad(t, drawnSet(t, 9))
	before := runtime.NumGoroutine()
	for taken := range 4 {
		for _, cancelled := range []bool{false, true} {
			ctx, cancel := context.WithCancel(t.Context())
			o := trainingOptions()
			o.Epochs = 0
			l, err := NewLoader(ctx, d, o)
			if err != nil {
				t.Fatal(err)
			}
			for range taken {
				if _, err := l.Next(); err != nil {
					t.Fatal(err)
				}
			}
			want := errClosed
			if cancelled {
				cancel()
				want = context.Canceled
				if _, err := l.Next(); err != want {
					t.Errorf("error %v after the context has ended", err)
				}
			}
			l.Close()
			if _, err := l.Next(); err != want {
				t.Errorf("error %v after Close, want %v", err, want)
			}
			cancel()
		}
	}
	for range 100 { // what the tests before left behind ends too
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("%d goroutines, %d before", runtime.NumGoroutine(), before)
}

// Batches are made ahead of use, but no more than were asked for.
func TestLoaderHoldsFewBatches(t *testing.T) {
	d := mustLoad(t, drawnSet(t, 3))
	o := trainingOptions()
	o.Batch, o.Ahead, o.Epochs, o.Workers = 1, 3, 0, 2
	l, err := NewLoader(t.Context(), d, o)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	places := map[*Batch]bool{}
	for range 40 {
		b, err := l.Next()
		if err != nil {
			t.Fatal(err)
		}
		places[b] = true
	}
	if len(places) > 4 {
		t.Errorf("%d batches in memory, want at most 4", len(places))
	}
}

func BenchmarkLoader(b *testing.B) {
	for _, workers := range []int{1, 2, 4} {
		b.Run(fmt.Sprintf("workers=%d", workers), func(b *testing.B) {
			o := trainingOptions()
			o.Preprocess.Width, o.Preprocess.Height, o.Epochs, o.Workers = 224, 224, 0, workers
			l, err := NewLoader(b.Context(), mustLoad(b, drawnSet(b, 20)), o)
			if err != nil {
				b.Fatal(err)
			}
			defer l.Close()
			examples := 0
			for b.Loop() {
				batch, err := l.Next()
				if err != nil {
					b.Fatal(err)
				}
				examples += len(batch.Examples)
			}
			b.ReportMetric(float64(examples)/b.Elapsed().Seconds(), "examples/s")
		})
	}
}

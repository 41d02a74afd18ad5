package data

import (
	"fmt"
	"slices"
	"testing"

	"megl-edge/runtime/vision"
)

var square = vision.Preprocess{Width: 32, Height: 32, Mode: vision.CropStretch, Crop: 0.875, Filter: vision.Bilinear,
	Mean: [3]float32{127.5, 127.5, 127.5}, Std: [3]float32{127.5, 127.5, 127.5}}

func TestAugmentCheck(t *testing.T) {
	a := DefaultAugment
	if err := a.Check(); err != nil {
		t.Error(err)
	}
	if err := new(Augment).Check(); err != nil {
		t.Error(err)
	}
	nan := 0.0
	nan /= nan
	for name, change := range map[string]func(a *Augment){
		"area 0":        func(a *Augment) { a.Area[0] = 0 },
		"area above 1":  func(a *Augment) { a.Area[1] = 1.1 },
		"area turned":   func(a *Augment) { a.Area = [2]float64{0.5, 0.4} },
		"area NaN":      func(a *Augment) { a.Area[0] = nan },
		"aspect 0":      func(a *Augment) { a.Aspect[0] = 0 },
		"aspect large":  func(a *Augment) { a.Aspect[1] = 17 },
		"aspect turned": func(a *Augment) { a.Aspect = [2]float64{2, 1} },
		"mirror":        func(a *Augment) { a.Mirror = 1.5 },
		"brightness":    func(a *Augment) { a.Brightness = -0.1 },
		"contrast":      func(a *Augment) { a.Contrast = 2 },
		"saturation":    func(a *Augment) { a.Saturation = nan },
	} {
		a := DefaultAugment
		change(&a)
		if a.Check() == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// Cuts lie inside the photo, and have the area and the aspect that were asked for.
func TestCuts(t *testing.T) {
	a := DefaultAugment
	wide := square
	wide.Width = 64
	for _, p := range []vision.Preprocess{square, wide} {
		input := float64(p.Width) / float64(p.Height)
		mean, cuts := 0.0, 0
		for i := range uint64(2000) {
			const width, height = 400, 300
			v := a.view(p, width, height, telling{}, newRandom(i))
			w, h := v.box.X1-v.box.X0, v.box.Y1-v.box.Y0
			if v.box.X0 < 0 || v.box.Y0 < 0 || v.box.X1 > width || v.box.Y1 > height || w < 1 || h < 1 {
				t.Fatalf("box %v", v.box)
			}
			area, aspect := float64(w*h)/(width*height), float64(w)/float64(h)/input
			if area < 0.34 || aspect < 0.74 || aspect > 1.35 {
				t.Errorf("box %v: area %v, aspect %v", v.box, area, aspect)
			}
			mean += area
			cuts++
		}
		// Areas are even from 0.35 to 1, except that those that do not fit are chosen again.
		if mean /= float64(cuts); mean < 0.5 || mean > 0.7 {
			t.Errorf("mean area %v", mean)
		}
	}
}

// A photo of a pixel, or a very long one, has a part to cut out too.
func TestCutsOfStrangePhotos(t *testing.T) {
	a := DefaultAugment
	for _, size := range [][2]int{{1, 1}, {1, 1000}, {1000, 1}, {2, 3}, {5000, 7}} {
		for i := range uint64(200) {
			box := a.view(square, size[0], size[1], telling{}, newRandom(i)).box
			if box.X0 < 0 || box.Y0 < 0 || box.X1 > size[0] || box.Y1 > size[1] || box.X0 >= box.X1 || box.Y0 >= box.Y1 {
				t.Fatalf("%v: box %v", size, box)
			}
		}
	}
	if got := central(100, 10, 0.5, 2); got != (vision.Box{X0: 40, X1: 60, Y1: 10}) {
		t.Errorf("the middle of a wide photo is %v", got)
	}
	if got := central(10, 100, 0.5, 2); got != (vision.Box{Y0: 40, X1: 10, Y1: 60}) {
		t.Errorf("the middle of a high photo is %v", got)
	}
}

func TestMirroring(t *testing.T) {
	a := Augment{Mirror: 0.5}
	mirrored := 0
	for i := range uint64(1000) {
		v := a.view(square, 40, 40, telling{}, newRandom(i))
		if v.mirrored {
			mirrored++
		}
		if v.box != square.Region(40, 40) || v.colours != unchanged {
			t.Fatalf("view %+v", v)
		}
		if a.view(square, 40, 40, telling{sided: true}, newRandom(i)).mirrored {
			t.Fatal("mirrored all the same")
		}
	}
	if mirrored < 430 || mirrored > 570 {
		t.Errorf("%d of 1000 are mirrored", mirrored)
	}
	im := &vision.Image{Width: 3, Height: 2, Pix: []uint8{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18}}
	mirror(im)
	if want := []uint8{7, 8, 9, 4, 5, 6, 1, 2, 3, 16, 17, 18, 13, 14, 15, 10, 11, 12}; !slices.Equal(im.Pix, want) {
		t.Errorf("mirrored %v", im.Pix)
	}
}

func TestSided(t *testing.T) {
	for sentence, want := range map[string]bool{
		"A cat at the left.": true, "Right: a dog.": true, "the upper-right corner": true,
		"A bright leftover.": false, "": false, "It is a copyright.": false,
	} {
		if sided([]string{"One.", sentence}) != want {
			t.Errorf("%q: %v, want %v", sentence, !want, want)
		}
	}
}

func TestColours(t *testing.T) {
	pixels := []uint8{0, 0, 0, 200, 100, 50, 255, 255, 255, 10, 20, 30}
	const half, twice = colourOne / 2, 2 * colourOne
	for _, c := range []struct {
		change colourChange
		want   []uint8
	}{
		{unchanged, pixels},
		{colourChange{half, colourOne, colourOne}, []uint8{0, 0, 0, 100, 50, 25, 128, 128, 128, 5, 10, 15}},
		{colourChange{twice, colourOne, colourOne}, []uint8{0, 0, 0, 255, 200, 100, 255, 255, 255, 20, 40, 60}},
		{colourChange{colourOne, 0, colourOne}, []uint8{99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99}},
		{colourChange{colourOne, colourOne, 0}, []uint8{0, 0, 0, 124, 124, 124, 255, 255, 255, 18, 18, 18}},
		{colourChange{colourOne, colourOne, twice}, []uint8{0, 0, 0, 255, 76, 0, 255, 255, 255, 2, 22, 42}},
	} {
		im := &vision.Image{Width: 2, Height: 2, Pix: slices.Clone(pixels)}
		c.change.apply(im)
		if fmt.Sprint(im.Pix) != fmt.Sprint(c.want) {
			t.Errorf("%v: %v, want %v", c.change, im.Pix, c.want)
		}
	}
}

// A photo is moved and mirrored to where its sentences can say it is.
func TestMovedPlaces(t *testing.T) {
	a := DefaultAugment
	seen := map[place]int{}
	for i := range uint64(4000) {
		told := telling{speaks: true, placed: true, place: place{1, 0}}
		v := a.view(square, 40, 40, told, newRandom(i))
		if v.cut {
			if v.shift != (place{}) {
				t.Fatalf("cut and moved: %+v", v)
			}
			continue
		}
		if v.box != square.Region(40, 40) {
			t.Fatalf("box %v", v.box)
		}
		to := v.placeOf(told.place)
		if _, ok := parsePlace(to.name()); !ok {
			t.Fatalf("moved by %v to %v", v.shift, to)
		}
		seen[to]++
	}
	if len(seen) != 9 {
		t.Errorf("moved to %v", seen)
	}
	for i := range uint64(100) {
		if v := a.view(square, 40, 40, telling{speaks: true, sided: true}, newRandom(i)); v.mirrored || v.shift != (place{}) {
			t.Fatalf("nobody knows where things are, and the view is %+v", v)
		}
	}
}

func TestPlacedAt(t *testing.T) {
	for _, c := range []struct{ from, to, sentence, want string }{
		{"left", "upper centre", "The cat at the left, leftover.", "The cat at the upper centre, leftover."},
		{"center", "lower centre", "At the center of the image", "At the lower center of the image"},
		{"centre", "right", "recentre the centre", "recentre the right"},
		{"upper left", "centre", "at the upper left", "at the centre"},
	} {
		if got := placedAt([]string{c.sentence}, c.from, c.to); got[0] != c.want {
			t.Errorf("%q for %q: %q", c.to, c.from, got[0])
		}
	}
	row := Row{Rationales: []string{"It is at the left."}, Position: "left"}
	if told := tellingOf(&row); !told.placed || told.sided || told.place != (place{-1, 0}) {
		t.Errorf("%+v", told)
	}
	row.Rationales = append(row.Rationales, "Its right wing is broken.")
	if told := tellingOf(&row); !told.sided {
		t.Errorf("%+v", told)
	}
	row.Position = "somewhere"
	if told := tellingOf(&row); told.placed || !told.sided || !told.speaks {
		t.Errorf("%+v", told)
	}
}

func TestShifting(t *testing.T) {
	im := &vision.Image{Width: 3, Height: 3, Pix: make([]uint8, 27)}
	mask := make([]float32, 9)
	for i := range 9 {
		im.Pix[3*i], mask[i] = uint8(i), float32(i)
	}
	shiftPixels(im, place{1, -1})
	shiftMask(mask, 3, 3, place{1, -1})
	for i, want := range []uint8{3, 3, 4, 6, 6, 7, 6, 6, 7} {
		if im.Pix[3*i] != want {
			t.Errorf("pixel %d is %d, want %d", i, im.Pix[3*i], want)
		}
	}
	if want := []float32{0, 3, 4, 0, 6, 7, 0, 0, 0}; !slices.Equal(mask, want) {
		t.Errorf("the mask is %v, want %v", mask, want)
	}
}

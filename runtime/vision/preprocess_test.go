package vision

import (
	"bytes"
	"encoding/json"
	"math"
	"strings"
	"testing"
)

// cropStretch and shorterSide are valid; tests change copies.
var (
	cropStretch = Preprocess{Width: 224, Height: 224, Mode: CropStretch, Crop: 0.875, Filter: Bilinear,
		Mean: [3]float32{127.5, 127.5, 127.5}, Std: [3]float32{127.5, 127.5, 127.5}}
	shorterSide = Preprocess{Width: 224, Height: 224, Mode: ShorterSide, Shorter: 256, Filter: Bicubic,
		Mean: [3]float32{123.675, 116.28, 103.53}, Std: [3]float32{58.395, 57.12, 57.375}}
)

func TestPreprocessJSON(t *testing.T) {
	want := map[Mode]string{
		CropStretch: `{"width":224,"height":224,"mode":"crop-stretch","crop":0.875,"filter":"bilinear",` +
			`"mean":[127.5,127.5,127.5],"std":[127.5,127.5,127.5]}`,
		ShorterSide: `{"width":224,"height":224,"mode":"shorter-side","shorter":256,"filter":"bicubic",` +
			`"mean":[123.675,116.28,103.53],"std":[58.395,57.12,57.375]}`,
	}
	for _, p := range []Preprocess{cropStretch, shorterSide} {
		data, err := json.Marshal(p)
		if err != nil || string(data) != want[p.Mode] {
			t.Errorf("JSON is %s, %v; want %s", data, err, want[p.Mode])
		}
		back, err := ParsePreprocess(data)
		if err != nil || back != p {
			t.Errorf("read back as %+v, %v; want %+v", back, err, p)
		}
	}
}

func TestParsePreprocessRefuses(t *testing.T) {
	valid, _ := json.Marshal(cropStretch)
	for name, data := range map[string]string{
		"nothing":       "",
		"not JSON":      "width: 3",
		"half":          string(valid[:40]),
		"trailing":      string(valid) + "1",
		"unknown field": strings.Replace(string(valid), "{", `{"gamma":2,`, 1),
		"wrong type":    strings.Replace(string(valid), "224", `"224"`, 1),
		"not valid":     "{}",
	} {
		if _, err := ParsePreprocess([]byte(data)); err == nil || !strings.HasPrefix(err.Error(), "preprocess: ") {
			t.Errorf("%s: error is %v", name, err)
		}
	}
}

func TestPreprocessCheck(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for name, c := range map[string]struct {
		valid  Preprocess
		change func(*Preprocess)
	}{
		"width 0":              {cropStretch, func(p *Preprocess) { p.Width = 0 }},
		"height negative":      {cropStretch, func(p *Preprocess) { p.Height = -1 }},
		"width huge":           {cropStretch, func(p *Preprocess) { p.Width = maxInput + 1 }},
		"no mode":              {cropStretch, func(p *Preprocess) { p.Mode = "" }},
		"no filter":            {cropStretch, func(p *Preprocess) { p.Filter = "" }},
		"unknown filter":       {cropStretch, func(p *Preprocess) { p.Filter = "nearest" }},
		"crop 0":               {cropStretch, func(p *Preprocess) { p.Crop = 0 }},
		"crop above 1":         {cropStretch, func(p *Preprocess) { p.Crop = 1.0001 }},
		"crop NaN":             {cropStretch, func(p *Preprocess) { p.Crop = math.NaN() }},
		"shorter of the other": {cropStretch, func(p *Preprocess) { p.Shorter = 256 }},
		"shorter below width":  {shorterSide, func(p *Preprocess) { p.Shorter = 223 }},
		"shorter huge":         {shorterSide, func(p *Preprocess) { p.Shorter = maxInput + 1 }},
		"crop of the other":    {shorterSide, func(p *Preprocess) { p.Crop = 1 }},
		"mean NaN":             {cropStretch, func(p *Preprocess) { p.Mean[1] = nan }},
		"mean infinite":        {cropStretch, func(p *Preprocess) { p.Mean[2] = -inf }},
		"std 0":                {cropStretch, func(p *Preprocess) { p.Std[0] = 0 }},
		"std negative":         {cropStretch, func(p *Preprocess) { p.Std[1] = -1 }},
		"std NaN":              {cropStretch, func(p *Preprocess) { p.Std[2] = nan }},
		"std infinite":         {cropStretch, func(p *Preprocess) { p.Std[2] = inf }},
	} {
		p := c.valid
		if err := p.Check(); err != nil {
			t.Fatal(err)
		}
		c.change(&p)
		if err := p.Check(); err == nil {
			t.Errorf("%s: no error", name)
		}
		if _, err := p.Apply(pattern(4, 4)); err == nil {
			t.Errorf("%s: Apply gives no error", name)
		}
	}
}

func TestPreprocessRegion(t *testing.T) {
	with := func(p Preprocess, change func(*Preprocess)) Preprocess { change(&p); return p }
	tiny := with(cropStretch, func(p *Preprocess) { p.Crop = 1e-300 })
	all := with(cropStretch, func(p *Preprocess) { p.Crop = 1 })
	wide := with(shorterSide, func(p *Preprocess) { p.Width, p.Height = 256, 64 })
	for _, c := range []struct {
		p             Preprocess
		width, height int
		want          Box
	}{
		{cropStretch, 640, 480, Box{40, 30, 600, 450}},
		{cropStretch, 500, 375, Box{31, 23, 469, 352}}, // 31.25 and 23.4 rounded down
		{cropStretch, 1, 1, Box{0, 0, 1, 1}},
		{cropStretch, 16, 1, Box{1, 0, 15, 1}},
		{all, 641, 3, Box{0, 0, 641, 3}},
		{tiny, 640, 481, Box{319, 240, 321, 241}},
		{tiny, 2, 1, Box{0, 0, 2, 1}},
		{shorterSide, 256, 256, Box{16, 16, 240, 240}},
		{shorterSide, 640, 512, Box{96, 32, 544, 480}},
		{shorterSide, 480, 640, Box{30, 110, 450, 530}},
		{shorterSide, 500, 375, Box{86, 23, 414, 351}}, // 328.1 pixels
		{shorterSide, 1, 1, Box{0, 0, 1, 1}},
		{shorterSide, 1, 1000, Box{0, 499, 1, 500}},
		{wide, 512, 1024, Box{0, 448, 512, 576}},
		{shorterSide, maxSide, maxSide, Box{65536, 65536, 983040, 983040}},
	} {
		got := c.p.Region(c.width, c.height)
		if got != c.want {
			t.Errorf("%s of %dx%d: region %v, want %v", c.p.Mode, c.width, c.height, got, c.want)
		}
	}
}

// Every photo has a region inside it.
func TestPreprocessRegionIsInside(t *testing.T) {
	for _, p := range []Preprocess{cropStretch, shorterSide} {
		for width := 1; width < 60; width++ {
			for height := 1; height < 60; height++ {
				if err := p.Region(width, height).check(&Image{Width: width, Height: height}); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}

// On a photo where nothing needs rounding, the shorter-side mode is what its
// name says: resize, then cut.
func TestShorterSideIsResizeThenCut(t *testing.T) {
	p := shorterSide
	p.Width, p.Height, p.Shorter = 28, 28, 32
	photo := pattern(80, 64)
	got, err := p.Apply(photo)
	if err != nil {
		t.Fatal(err)
	}
	small := mustResize(t, photo, whole(photo), 40, 32, p.Filter)
	if want := crop(small, Box{6, 2, 34, 30}); !bytes.Equal(got.Pix, want.Pix) {
		t.Error("pixels differ from resize and cut")
	}
}

func TestCropStretchIsResizeOfRegion(t *testing.T) {
	photo := pattern(80, 64)
	got, err := cropStretch.Apply(photo)
	if err != nil {
		t.Fatal(err)
	}
	if want := mustResize(t, photo, Box{5, 4, 75, 60}, 224, 224, Bilinear); !bytes.Equal(got.Pix, want.Pix) {
		t.Error("pixels differ from the resized region")
	}
}

func TestApplyRefusesImage(t *testing.T) {
	if _, err := cropStretch.Apply(&Image{Width: 3, Height: 3}); err == nil {
		t.Error("an image without pixels: no error")
	}
}

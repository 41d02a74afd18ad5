package html_test

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math"
	"strings"
	"testing"

	"megl-edge/gradcam/render"
	"megl-edge/quant"
	"megl-edge/quant/html"
)

// photo is a small picture as PNG.
func photo(t *testing.T) []byte {
	t.Helper()
	im := image.NewRGBA(image.Rect(0, 0, 24, 16))
	for i := range 24 * 16 {
		im.Set(i%24, i/24, color.RGBA{uint8(9 * i), uint8(5 * i), uint8(i), 255})
	}
	var out bytes.Buffer
	if err := png.Encode(&out, im); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func report(t *testing.T) *quant.Report {
	heat := render.Map{Height: 2, Width: 3, Values: []float32{0, 0.5, 1, 0.25, 0, 0.75}}
	return &quant.Report{
		Model: `<script>alert(1)</script>.megl`, Method: "mse", Calibration: 64, Photos: 60, Agreement: 0.975, LogitsCosine: 0.9987,
		HasMaps: true, MapCorrelation: 0.93, MapIoU: 0.88, BytesBefore: 4 << 20, BytesAfter: 1 << 20, MillisecondsBefore: 10, MillisecondsAfter: 4,
		Threads: 2, Advice: `Use "it" & be glad.`,
		Layers: []quant.LayerReport{
			{Name: "conv<1>", Op: "conv", SignalToNoise: 12.5, Cosine: 0.98, Loss: 0.125, LogitsError: 0.05},
			{Name: "kept", Op: "linear", SignalToNoise: math.Inf(1), Cosine: 1, Float: true},
			{Name: "odd", Op: "linear", SignalToNoise: math.NaN(), Cosine: 1},
		},
		Examples: []quant.Example{
			{Name: "a.png", PNG: photo(t), FloatLabel: "cat", Int8Label: "dog", FloatScore: 0.5, Int8Score: 0.4, FloatMap: heat, Int8Map: heat, Correlation: 1, MapUnion: 1},
			{Name: "no map", PNG: photo(t), FloatLabel: "cat", Int8Label: "cat"},
		},
	}
}

func written(t *testing.T, r *quant.Report) string {
	t.Helper()
	var out bytes.Buffer
	if err := html.Write(&out, r); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestWrite(t *testing.T) {
	text := written(t, report(t))
	for _, want := range []string{
		"&lt;script&gt;alert(1)&lt;/script&gt;.megl", "97.5 %", "0.9987", "Use &#34;it&#34; &amp; be glad.", "conv&lt;1&gt;", "12.5 dB", "exact",
		"kept float", "4.00 times smaller", "2.50 times as fast", `class="differs">dog`, "width: 79%",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	for _, never := range []string{"<script", "http://", "https://", "NaN", "Inf", "<link", "ZgotmplZ"} {
		if strings.Contains(text, never) {
			t.Errorf("the page has %q", never)
		}
	}
	if n := strings.Count(text, "data:image/png;base64,"); n != 4 {
		t.Errorf("%d pictures, want 4", n)
	}
	for _, tag := range []string{"div", "figure", "table", "tr", "td", "dl", "span"} {
		if open, closed := strings.Count(text, "<"+tag+">")+strings.Count(text, "<"+tag+" "), strings.Count(text, "</"+tag+">"); open != closed {
			t.Errorf("%d <%s>, %d closed", open, tag, closed)
		}
	}
	if written(t, report(t)) != text {
		t.Error("the same report gives another page")
	}
}

func TestEmptyReport(t *testing.T) {
	text := written(t, &quant.Report{Model: "m", Advice: "Nothing."})
	for _, never := range []string{"<table", "<img", "overlap"} {
		if strings.Contains(text, never) {
			t.Errorf("the page of an empty report has %q", never)
		}
	}
}

func TestBrokenPhoto(t *testing.T) {
	r := report(t)
	r.Examples[0].PNG = []byte("no photo")
	if err := html.Write(&bytes.Buffer{}, r); err == nil || !strings.Contains(err.Error(), "a.png") {
		t.Errorf("error is %v", err)
	}
}

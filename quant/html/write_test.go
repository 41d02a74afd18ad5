package html_test

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"

	"megl-edge/gradcam/render"
	"megl-edge/quant"
	"megl-edge/quant/html"
)

const hostile = `</style><script>alert("1")</script>`

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
		Model: "net.megl", Method: "mse", Calibration: 64, Photos: 60, Agreement: 0.975, LogitsCosine: 0.9987,
		HasMaps: true, MapCorrelation: 0.93, MapIoU: 0.88, BytesBefore: 4_000_000, BytesAfter: 990_000,
		MillisecondsBefore: 10, MillisecondsAfter: 4, Threads: 2, Advice: `Use "it" & be glad.`,
		Layers: []quant.LayerReport{
			{Name: "stem/conv", Op: "conv", SignalToNoise: 12.5, Cosine: 0.98, Loss: 0.125, LogitsError: 0.05},
			{Name: "kept", Op: "linear", SignalToNoise: math.Inf(1), Cosine: 1, Float: true},
			{Name: "odd", Op: "linear", SignalToNoise: math.NaN(), Cosine: math.NaN()},
		},
		Examples: []quant.Example{
			{Name: "a.png", PNG: photo(t), FloatLabel: "cat", Int8Label: "dog", FloatScore: 0.5, Int8Score: 0.4,
				FloatMap: heat, Int8Map: heat, Correlation: 0.75, MapUnion: 0.5},
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
	checkPage(t, out.String())
	return out.String()
}

var (
	tag  = regexp.MustCompile(`<(/?)([a-z0-9]+)((?:\s+[a-z-]+(?:="[^"<>]*")?)*)\s*>`)
	void = []string{"meta", "img", "wbr"}
)

// checkPage fails where tags are not nested, or something comes from elsewhere.
func checkPage(t *testing.T, text string) {
	t.Helper()
	var open []string
	for _, m := range tag.FindAllStringSubmatch(text, -1) {
		switch closing, name := m[1] == "/", m[2]; {
		case slices.Contains(void, name):
		case !closing:
			open = append(open, name)
		case len(open) == 0 || open[len(open)-1] != name:
			t.Fatalf("</%s> closes %v", name, open)
		default:
			open = open[:len(open)-1]
		}
	}
	if len(open) > 0 {
		t.Errorf("%v are not closed", open)
	}
	if rest := tag.ReplaceAllString(strings.TrimPrefix(text, "<!DOCTYPE html>"), ""); strings.ContainsAny(rest, "<") {
		t.Errorf("something that is no tag at %.60s", rest[strings.Index(rest, "<"):])
	}
	for _, never := range []string{"<script", "http:", "https:", "//", "<link", "@import", "url(", "ZgotmplZ", "NaN", "Inf", "%!"} {
		if strings.Contains(withoutPictures(text), never) {
			t.Errorf("the page has %q", never)
		}
	}
	for _, m := range regexp.MustCompile(`<img [^>]*>`).FindAllString(text, -1) {
		if !strings.Contains(m, `src="data:image/png;base64,`) || !regexp.MustCompile(`alt="[^"]+"`).MatchString(m) {
			t.Errorf("picture %.80s", m)
		}
	}
}

func withoutPictures(text string) string {
	return regexp.MustCompile(`data:image/png;base64,[^"]*`).ReplaceAllString(text, "")
}

func lacks(t *testing.T, text string, wanted ...string) {
	t.Helper()
	for _, want := range wanted {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}

func TestWrite(t *testing.T) {
	text := written(t, report(t))
	lacks(t, text, "<title>net.megl: quantization report</title>", "<h1>net.megl</h1>", "Use &#34;it&#34; &amp; be glad.",
		"97.5\u00a0%", "0.9987", "0.93", "0.88", "4.0\u00a0MB", "990.0\u00a0kB", "4.0× smaller", "10.0\u00a0ms", "4.00\u00a0ms", "2.5× faster, 2 threads",
		"ranges chosen on 64", ">mse<", "class differs", "rank correlation 0.75, overlap 0.50", "50.0\u00a0%", "40.0\u00a0%")
	if n := strings.Count(text, "data:image/png;base64,"); n != 4 {
		t.Errorf("%d pictures, want 2 overlays, a photo and the colour scale", n)
	}
	if written(t, report(t)) != text {
		t.Error("the same report gives another page")
	}
}

func TestLayersWithoutNoise(t *testing.T) {
	rows := strings.Split(written(t, report(t)), "\n<tr ")
	for name, wanted := range map[string][]string{
		"stem/conv": {`width: 79%`, "12.5\u00a0dB", "0.9800", `class="lossy">12.5`, "5.00\u00a0%", "stem/<wbr>conv<wbr>"},
		"kept":      {`width: 0%`, ">exact<", "1.0000", "kept float"},
		"odd":       {`width: 0%`, `class="number">–<`, `"Cosine">–<`},
	} {
		i := slices.IndexFunc(rows, func(row string) bool { return strings.Contains(row, `title="`+name+`"`) })
		if i < 0 {
			t.Fatalf("no row of layer %s", name)
		}
		lacks(t, rows[i], wanted...)
	}
}

func TestHostileText(t *testing.T) {
	r := report(t)
	r.Model, r.Method, r.Advice = hostile, hostile, hostile
	for i := range r.Layers {
		r.Layers[i].Name, r.Layers[i].Op = hostile+"\xff\u202e\x00", hostile
	}
	for i := range r.Examples {
		e := &r.Examples[i]
		e.Name, e.FloatLabel, e.Int8Label = hostile+`" onerror="x`, hostile, hostile
	}
	text := written(t, r)
	if n, want := strings.Count(text, "<style>")+strings.Count(text, "</style>"), 2; n != want {
		t.Errorf("%d style tags, want %d", n, want)
	}
	if strings.Contains(text, `onerror="`) {
		t.Error("a name becomes an attribute")
	}
}

// A map beside none, or beside one of another size, is shown but not compared.
func TestMapsThatCannotBeCompared(t *testing.T) {
	r := report(t)
	r.Examples = r.Examples[:1]
	for _, m := range []render.Map{{}, {Height: 1, Width: 1, Values: []float32{1}}} {
		r.Examples[0].Int8Map = m
		text := written(t, r)
		if strings.Contains(text, "Maps: rank correlation 0.75") {
			t.Errorf("maps of 6 and %d cells are compared", len(m.Values))
		}
		if got, want := strings.Contains(text, "int8, no map"), len(m.Values) == 0; got != want {
			t.Errorf("no map is said: %v, want %v", got, want)
		}
	}
}

func TestLongName(t *testing.T) {
	r := report(t)
	r.Layers[0].Name = "first" + strings.Repeat("é", 1000) + "last"
	text := written(t, r)
	lacks(t, text, `title="`+r.Layers[0].Name+`"`, "first"+strings.Repeat("é", 43)+"…"+strings.Repeat("é", 43)+"last<wbr>")
}

func TestSparseReports(t *testing.T) {
	text := written(t, &quant.Report{})
	lacks(t, text, "Model without a name", "No layer was compared.", "There are no photos to show.")
	for _, never := range []string{"<img", "Maps:", `class="advice"`, "→", "threads"} {
		if strings.Contains(text, never) {
			t.Errorf("the page of an empty report has %q", never)
		}
	}
	nan, inf := math.NaN(), math.Inf(1)
	written(t, &quant.Report{
		Photos: 1, Agreement: nan, LogitsCosine: nan, HasMaps: true, MapCorrelation: nan, MapIoU: -inf,
		BytesBefore: -1, BytesAfter: 1, MillisecondsBefore: inf, MillisecondsAfter: nan,
		Layers: []quant.LayerReport{{}, {SignalToNoise: -inf, Cosine: inf, Loss: nan, LogitsError: inf}},
		Examples: []quant.Example{{PNG: photo(t), FloatScore: float32(nan), Int8Score: float32(inf),
			Int8Map: render.Map{Height: 1, Width: 1, Values: []float32{1}}, Correlation: nan, MapUnion: nan}},
	})
}

func TestManyExamples(t *testing.T) {
	r := report(t)
	one := r.Examples[0]
	r.Examples = nil
	for i := range 15 {
		one.Name = fmt.Sprint("photo ", i)
		r.Examples = append(r.Examples, one)
	}
	text := written(t, r)
	if n := strings.Count(text, "<figure>"); n != 12 {
		t.Errorf("%d examples, want 12", n)
	}
	lacks(t, text, "3 more are not shown.")
}

func TestBadExamples(t *testing.T) {
	for phrase, spoil := range map[string]func(*quant.Example){
		"photo":                 func(e *quant.Example) { e.PNG = []byte("no photo") },
		"not enough pixel data": func(e *quant.Example) { e.PNG = e.PNG[:60] },
		"saliency map":          func(e *quant.Example) { e.Int8Map.Values = []float32{2} },
	} {
		r := report(t)
		spoil(&r.Examples[0])
		var out bytes.Buffer
		if err := html.Write(&out, r); err == nil || !strings.Contains(err.Error(), `example "a.png": `) || !strings.Contains(err.Error(), phrase) {
			t.Errorf("error is %v, want %q", err, phrase)
		}
		if out.Len() > 0 {
			t.Errorf("%s: %d bytes are written all the same", phrase, out.Len())
		}
	}
}

type full struct{}

var errFull = errors.New("disk full")

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestWriteError(t *testing.T) {
	if err := html.Write(full{}, report(t)); !errors.Is(err, errFull) {
		t.Errorf("error is %v", err)
	}
}

package html

import (
	"bytes"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"image"
	"image/png"
	"io"
	"math"

	"megl-edge/gradcam/render"
	"megl-edge/quant"
	"megl-edge/runtime/vision"
)

//go:embed page.tmpl
var pageText string

var page = template.Must(template.New("page").Funcs(template.FuncMap{
	"percent":   func(v float64) string { return fmt.Sprintf("%.1f %%", 100*v) },
	"decimal":   func(v float64) string { return fmt.Sprintf("%.4f", v) },
	"short":     func(v float64) string { return fmt.Sprintf("%.2f", v) },
	"megabytes": func(n int) string { return fmt.Sprintf("%.2f MB", float64(n)/1e6) },
	"decibels":  decibels,
	"bar":       bar,
	"score":     func(v float32) string { return fmt.Sprintf("%.1f %%", 100*v) },
}).Parse(pageText))

// exact is what a report says of a result without noise, in decibels.
const exact = 200

func decibels(v float64) string {
	if math.IsNaN(v) || math.IsInf(v, 0) || v >= exact {
		return "exact"
	}
	return fmt.Sprintf("%.1f dB", v)
}

// bar is how long the bar of a layer is, in percent: the longer, the more noise.
// 60 dB and above is none.
func bar(v float64) float64 {
	const none = 60
	if math.IsNaN(v) || v >= none {
		return 0
	}
	return math.Round(100 * (none - max(v, 0)) / none)
}

// view is what the page shows.
type view struct {
	*quant.Report
	Ratio    float64 // of the sizes
	Speedup  float64
	Pictures []picture
}

type picture struct {
	quant.Example
	Float, Int8 template.URL // overlays
	Differs     bool
}

// Write writes the report.
func Write(w io.Writer, r *quant.Report) error {
	v := view{Report: r, Ratio: ratio(float64(r.BytesBefore), float64(r.BytesAfter)), Speedup: ratio(r.MillisecondsBefore, r.MillisecondsAfter)}
	for _, e := range r.Examples {
		p := picture{Example: e, Differs: e.FloatLabel != e.Int8Label}
		var err error
		if p.Float, err = overlay(e.PNG, e.FloatMap); err != nil {
			return fmt.Errorf("example %s: %w", e.Name, err)
		}
		if p.Int8, err = overlay(e.PNG, e.Int8Map); err != nil {
			return fmt.Errorf("example %s: %w", e.Name, err)
		}
		v.Pictures = append(v.Pictures, p)
	}
	return page.Execute(w, v)
}

// ratio returns a/b, or 0 where that says nothing.
func ratio(a, b float64) float64 {
	if a <= 0 || b <= 0 {
		return 0
	}
	return a / b
}

// overlay draws a map over a photo and returns it as a data URL; without a map
// it is the photo.
func overlay(photo []byte, m render.Map) (template.URL, error) {
	if len(m.Values) > 0 {
		decoded, err := vision.Decode(bytes.NewReader(photo), vision.DefaultLimits)
		if err != nil {
			return "", err
		}
		drawn, err := render.Overlay(render.Photo{Pix: decoded.Pix, Width: decoded.Width, Height: decoded.Height}, m,
			image.Rect(0, 0, decoded.Width, decoded.Height), render.DefaultOptions())
		if err != nil {
			return "", err
		}
		var out bytes.Buffer
		if err := png.Encode(&out, drawn); err != nil {
			return "", err
		}
		photo = out.Bytes()
	}
	return template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(photo)), nil
}

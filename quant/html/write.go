package html

import (
	"bytes"
	"embed"
	"html/template"
	"io"

	"megl-edge/quant"
)

//go:embed page.tmpl style.css
var files embed.FS

var page = template.Must(template.ParseFS(files, "page.tmpl", "style.css"))

// mostExamples is how many examples a page shows: each adds up to half a
// megabyte.
const mostExamples = 12

// view is what the page shows, numbers as text.
type view struct {
	Model, Advice string
	HasMaps       bool
	Summary       []fact
	Layers        []layer
	Examples      []example
	Omitted       int          // examples that are not shown
	Scale         template.URL // the colours of the maps; empty without maps
}

// Write writes r as one HTML page, or nothing where it fails: on an example
// whose photo is no PNG picture or too large, or whose map is out of range.
func Write(w io.Writer, r *quant.Report) error {
	v := view{Model: r.Model, Advice: r.Advice, HasMaps: r.HasMaps, Summary: summary(r), Layers: layers(r.Layers)}
	shown := r.Examples[:min(mostExamples, len(r.Examples))]
	v.Omitted = len(r.Examples) - len(shown)
	var err error
	if v.Examples, err = examples(shown); err != nil {
		return err
	}
	for _, e := range v.Examples {
		if e.Mapped && v.Scale == "" {
			if v.Scale, err = colourScale(); err != nil {
				return err
			}
		}
	}
	var out bytes.Buffer
	if err := page.Execute(&out, v); err != nil {
		return err
	}
	_, err = w.Write(out.Bytes())
	return err
}

package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"megl-edge/runtime"
	"megl-edge/runtime/graph"
	"megl-edge/runtime/model"
	"megl-edge/runtime/qdq"
	"megl-edge/runtime/tensor"
	"megl-edge/runtime/vision"
	"megl-edge/sdtg"
)

type inspectCommand struct {
	File string `arg:"" name:"model" help:"Model file (.megl), or built-in."`
	JSON bool   `name:"json" help:"Print one JSON object."`
}

func (*inspectCommand) example() string { return "megl-edge inspect mobilenet.megl" }

type inspectResult struct {
	schema
	File        string            `json:"file"`
	Classes     int               `json:"classes"`
	TargetLayer string            `json:"target_layer"`
	Preprocess  vision.Preprocess `json:"preprocess"`
	Provenance  model.Provenance  `json:"provenance"`

	Sentences *sentencesJSON `json:"sentences,omitempty"` // of a model trained with --lambda-textual

	Prior   *model.Prior       `json:"prior,omitempty"`   // of a model trained with --consistency
	Metrics map[string]float64 `json:"metrics,omitempty"` // of a model trained with --val

	Confidence *model.Confidence `json:"confidence,omitempty"` // likewise

	Parameters int         `json:"parameters"`
	MACs       int64       `json:"macs"`
	MACsInt8   int64       `json:"macs_int8"`
	Memory     memoryJSON  `json:"memory"`
	Int8       *int8JSON   `json:"int8,omitempty"` // absent in float models
	Layers     []layerJSON `json:"layers"`
}

// memoryJSON is in bytes.
type memoryJSON struct {
	Weights        int `json:"weights"`         // packed for this processor
	Values         int `json:"values"`          // as placed
	ValuesUnplaced int `json:"values_unplaced"` // if each had its own place
}

// int8JSON says how much of a quantized model runs int8 when it classifies.
type int8JSON struct {
	Ops   int           `json:"ops"`
	Float []floatOpJSON `json:"float"`
}

type floatOpJSON struct {
	Name   string   `json:"name"`
	Op     graph.Op `json:"op"`
	Reason string   `json:"reason"`
}

// sentencesJSON is what a model speaks with.
type sentencesJSON struct {
	Tokens     int `json:"tokens"` // of the vocabulary
	Parameters int `json:"parameters"`
}

type layerJSON struct {
	Name         string               `json:"name"`
	Op           graph.Op             `json:"op"`
	Fused        []graph.Op           `json:"fused,omitempty"`
	Kernel       string               `json:"kernel"`
	DType        tensor.DType         `json:"dtype"`
	Shape        tensor.Shape         `json:"shape"`
	Quantization *tensor.Quantization `json:"quantization,omitempty"`
	Parameters   int                  `json:"parameters"`
	MACs         int64                `json:"macs"`
}

func (c *inspectCommand) Run(std streams) error {
	m, err := loadModel(c.File)
	if err != nil {
		return badInput(err)
	}
	defer m.Close()
	plan, err := runtime.Compile(m.Graph, runtime.Options{})
	if err != nil {
		return badInput(fmt.Errorf("%s: %w", c.File, err))
	}
	r := inspectResult{
		schema: schemaOf("inspect"), File: c.File, Classes: m.Classes(), TargetLayer: m.TargetLayer,
		Preprocess: m.Preprocess, Provenance: m.Provenance,
		Prior: m.Prior, Metrics: m.Metrics, Confidence: m.Confidence,
	}
	memory := plan.Memory()
	r.Parameters = plan.Parameters()
	r.Memory = memoryJSON{memory.Packed, memory.Arena, memory.Values}
	for _, l := range plan.Layers() {
		r.Layers = append(r.Layers, layerJSON{l.Name, l.Op, l.Fused, l.Kernel, l.Output.DType, l.Output.Shape, l.Output.Quant, l.Parameters, l.MACs})
		r.MACs += l.MACs
		if l.Output.DType == tensor.Int8 {
			r.MACsInt8 += l.MACs
		}
	}
	r.Int8 = int8Of(m)
	if r.Sentences, err = sentencesOf(m); err != nil {
		return badInput(fmt.Errorf("%s: %w", c.File, err))
	}
	if c.JSON {
		return writeJSON(std.out, r)
	}
	return printInspection(std.out, r)
}

// sentencesOf describes a model's decoder; nil where there is none.
func sentencesOf(m *model.Model) (*sentencesJSON, error) {
	shape, err := sdtg.Describe(m)
	if errors.Is(err, sdtg.ErrSilent) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	j := &sentencesJSON{Tokens: shape.Vocabulary}
	for _, w := range m.Decoder.Weights {
		j.Parameters += w.Shape.Elements()
	}
	return j, nil
}

// int8Of summarizes what the logits need; nil for a float model.
func int8Of(m *model.Model) *int8JSON {
	s := qdq.Summarize(m.Graph, model.LogitsOutput)
	if s.Int8+len(s.Float) == 0 {
		return nil
	}
	j := &int8JSON{Ops: s.Int8, Float: []floatOpJSON{}}
	for _, f := range s.Float {
		j.Float = append(j.Float, floatOpJSON{f.Name, f.Op, f.Reason})
	}
	return j
}

func printInspection(w io.Writer, r inspectResult) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "layer\top\tkernel\toutput\tquantization\tparameters\tMACs\t")
	for _, l := range r.Layers {
		op := string(l.Op)
		for _, fused := range l.Fused {
			op += "+" + string(fused)
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%v[%v]\t%s\t%d\t%d\t\n", shortened(l.Name), op, l.Kernel, l.DType, l.Shape, quantizationText(l.Quantization), l.Parameters, l.MACs)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	p := r.Preprocess
	_, err := fmt.Fprintf(w, `
classes       %d
input         %d×%d RGB, %s, mean %v, deviation %v
heat map of   %s
from          %s (SHA-256 %s)
parameters    %d
MACs          %d, of which int8 %.1f %%
memory        %.1f MB packed weights, %.1f MB values (%.1f MB without sharing)
`, r.Classes, p.Width, p.Height, p.Mode, p.Mean, p.Std, orNone(r.TargetLayer), orNone(r.Provenance.Source), orNone(r.Provenance.SourceSHA256),
		r.Parameters, r.MACs, 100*float64(r.MACsInt8)/float64(max(1, r.MACs)),
		megabytes(r.Memory.Weights), megabytes(r.Memory.Values), megabytes(r.Memory.ValuesUnplaced))
	if err == nil && r.Sentences != nil {
		_, err = fmt.Fprintf(w, "sentences     %d tokens, %d parameters\n", r.Sentences.Tokens, r.Sentences.Parameters)
	}
	if c := r.Confidence; err == nil && c != nil {
		unknown := "tells no unknown photos"
		if c.KnowsUnknown() {
			unknown = fmt.Sprintf("unknown from %.3f on", c.Threshold)
		}
		_, err = fmt.Fprintf(w, "confidence    temperature %.3f, %s\n", c.Temperature, unknown)
	}
	if err != nil || r.Int8 == nil {
		return err
	}
	return printInt8(w, r.Int8)
}

// printInt8 groups the float ops by their reason.
func printInt8(w io.Writer, s *int8JSON) error {
	total := s.Ops + len(s.Float)
	if _, err := fmt.Fprintf(w, "int8          %d of the %d ops that classify\n", s.Ops, total); err != nil {
		return err
	}
	type kind struct {
		op     graph.Op
		reason string
	}
	var order []kind
	names := map[kind][]string{}
	for _, f := range s.Float {
		k := kind{f.Op, f.Reason}
		if names[k] == nil {
			order = append(order, k)
		}
		names[k] = append(names[k], shortened(f.Name))
	}
	for _, k := range order {
		const most = 3
		list := names[k]
		more := ""
		if len(list) > most {
			list, more = list[:most], fmt.Sprintf(" and %d more", len(list)-most)
		}
		if _, err := fmt.Fprintf(w, "float         %s, since %s: %s%s\n", k.op, k.reason, strings.Join(list, ", "), more); err != nil {
			return err
		}
	}
	return nil
}

func quantizationText(q *tensor.Quantization) string {
	if q == nil {
		return "–"
	}
	return fmt.Sprintf("%.5g·(q%+d)", q.Scale[0], -q.ZeroPoint[0])
}

// shortened keeps the end of a long name, where names differ.
func shortened(name string) string {
	const most = 40
	if runes := []rune(name); len(runes) > most {
		return "…" + string(runes[len(runes)-most+1:])
	}
	return name
}

func orNone(s string) string {
	if strings.TrimSpace(s) == "" {
		return "none"
	}
	return s
}

func megabytes(bytes int) float64 { return float64(bytes) / 1e6 }

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/d5/tengo/v2"
	tengojson "github.com/d5/tengo/v2/stdlib/json"

	"megl-edge/train/data"
)

// rowJSON is a row of a data set as scripts see and write it: the keys are those of JSONL.
type rowJSON struct {
	ID         string   `json:"id,omitempty"`
	Image      string   `json:"image"`
	Label      string   `json:"label,omitempty"`
	Mask       string   `json:"mask,omitempty"`
	Rationales []string `json:"rationales,omitempty"`
	Attributes []string `json:"attributes,omitempty"`
	Source     string   `json:"source,omitempty"`
	Colour     string   `json:"colour,omitempty"`
	Position   string   `json:"position,omitempty"`
}

// dataset returns the rows at a path.
func (s *scriptModules) dataset(args []tengo.Object) (tengo.Object, error) {
	in, err := texts(args, "path")
	if err != nil {
		return nil, err
	}
	path, err := s.sandbox.Path(in[0])
	if err != nil {
		return outcomeOf(nil, err)
	}
	rows, err := data.Load(path, nil)
	if err != nil {
		return outcomeOf(nil, err)
	}
	all := make([]rowJSON, rows.Len())
	for i := range all {
		r := rows.Row(i)
		all[i] = rowJSON{r.ID, r.Image, r.Label, r.Mask, r.Rationales, r.Attributes, r.Source, r.Colour, r.Position}
	}
	return valueOf(all)
}

// rowsInside fails where a data set names a photo or mask outside of the allowed folders.
func (s *scriptModules) rowsInside(path string) error {
	source, err := data.Open(path)
	if err != nil {
		return err
	}
	for row, err := range source.Rows() {
		if err != nil {
			return err
		}
		for _, file := range []string{row.Image, row.Mask} {
			if file == "" {
				continue
			}
			if _, err := s.sandbox.Path(file); err != nil {
				return fmt.Errorf("%s: %w", path, err)
			}
		}
	}
	return nil
}

// writeRows writes rows as JSONL. Photos and masks are named by their absolute paths.
func (s *scriptModules) writeRows(args []tengo.Object) (tengo.Object, error) {
	if len(args) != 2 {
		return nil, errors.New("takes path, rows")
	}
	in, err := texts(args[:1], "path")
	if err != nil {
		return nil, err
	}
	path, err := s.sandbox.Path(in[0])
	if err != nil {
		return outcomeOf(nil, err)
	}
	text, err := tengojson.Encode(args[1])
	if err != nil {
		return nil, err
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	var rows []rowJSON
	if err := decoder.Decode(&rows); err != nil {
		return nil, fmt.Errorf("rows: %w", err)
	}
	var lines bytes.Buffer
	for i, r := range rows {
		if r.Image == "" {
			return nil, fmt.Errorf("rows: row %d has no image", i)
		}
		for _, file := range []*string{&r.Image, &r.Mask} {
			if *file == "" {
				continue
			}
			if *file, err = s.sandbox.Path(*file); err != nil {
				return outcomeOf(nil, err)
			}
		}
		if err := writeJSON(&lines, r); err != nil {
			return nil, err
		}
	}
	return outcomeOf(tengo.TrueValue, writeWhole(path, lines.Bytes()))
}

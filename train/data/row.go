package data

import (
	"errors"
	"fmt"
)

// A Row is a photo and what is known about it. Strings and lists are empty, and
// numbers zero, where the source does not say. The comments name the JSON keys.
type Row struct {
	ID    string // "id", unique in its source
	Image string // "image", path of the photo; never empty
	Label string // "label", name of the class
	Mask  string // "mask", path of an image that marks the object

	Region Region // the object, where an annotation describes it in another way; else nil

	Rationales []string // "rationales", sentences that say why the label is right
	Attributes []string // "attributes", phrases that describe the class

	Source       string  // "source", name of the data set the photo is from
	Colour       string  // "colour" of the object
	Position     string  // "position" of the object in the photo
	MaskFraction float64 // "mask_fraction", share of the photo's pixels in the mask, 0 to 1

	Line int // line in the JSONL file, from 1; 0 if the row is not from a file
}

// A field is one key of a line and its place in a row. Exactly one of text, list
// and number is set.
type field struct {
	key    string
	text   func(*Row) *string
	list   func(*Row) *[]string
	number func(*Row) *float64
}

var fields = [...]field{
	{key: "id", text: func(r *Row) *string { return &r.ID }},
	{key: "image", text: func(r *Row) *string { return &r.Image }},
	{key: "label", text: func(r *Row) *string { return &r.Label }},
	{key: "mask", text: func(r *Row) *string { return &r.Mask }},
	{key: "rationales", list: func(r *Row) *[]string { return &r.Rationales }},
	{key: "attributes", list: func(r *Row) *[]string { return &r.Attributes }},
	{key: "source", text: func(r *Row) *string { return &r.Source }},
	{key: "colour", text: func(r *Row) *string { return &r.Colour }},
	{key: "position", text: func(r *Row) *string { return &r.Position }},
	{key: "mask_fraction", number: func(r *Row) *float64 { return &r.MaskFraction }},
}

// fieldIndex returns the place of key in fields, or -1.
func fieldIndex[T string | []byte](key T) int {
	for i := range fields {
		if string(key) == fields[i].key {
			return i
		}
	}
	return -1
}

// want says what the value of f has to be.
func (f *field) want() string {
	switch {
	case f.list != nil:
		return "a list of text"
	case f.number != nil:
		return isNumber
	}
	return isText
}

// check refuses values of the right type that make no sense.
func (r *Row) check() error {
	if r.Image == "" {
		return errors.New(`"image" is missing or empty, want the path of a photo`)
	}
	if r.MaskFraction < 0 || r.MaskFraction > 1 {
		return fmt.Errorf(`"mask_fraction" is %v, want a number from 0 to 1`, r.MaskFraction)
	}
	return nil
}

package data

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"megl-edge/runtime/vision"
)

// An Example is a row as a model takes it. Parts that the row does not have have
// the weight 0; the others 1.
type Example struct {
	Index int // of the row in its dataset

	// Pixels is what the model sees, [height][width][3] RGB. The graph of the model
	// normalises it. All 0 if the photo could not be read.
	Pixels []uint8

	Class       int // index into the labels, or NoClass
	LabelWeight float32

	// Mask is the share of each pixel that the object covers, [height][width],
	// changed like the photo; nil if no row of the dataset has a mask. Its weight is
	// also 0 where it marks nothing that the model sees.
	Mask       []float32
	MaskWeight float32

	// Rationales are those of the row, which must not be changed, or for a photo that
	// was mirrored or moved such that tell where the object now is. Their weight is 0
	// where a part of the photo was cut out: they speak of all of it.
	Rationales []string
	TextWeight float32

	// Moved tells that the object lies where photos do not have it by themselves; see
	// [Augment].
	Moved bool

	// Faults are what is wrong with the row, at most one for each part. That part has
	// the weight 0; if it is the photo, so have the others.
	Faults []RowError
}

// Unreadable tells whether there is no photo.
func (e *Example) Unreadable() bool {
	return slices.ContainsFunc(e.Faults, func(f RowError) bool { return f.Part == PartPhoto })
}

// A Part is a part of a row.
type Part string

const (
	PartPhoto Part = "photo"
	PartLabel Part = "label"
	PartMask  Part = "mask"
)

// A RowError says what is wrong with a part of a row.
type RowError struct {
	Place string // where the row comes from
	Part  Part
	Err   error
}

// Error begins with the place, also where that is the photo that the error is about.
func (e *RowError) Error() string {
	return e.Place + ": " + strings.TrimPrefix(e.Err.Error(), e.Place+": ")
}

func (e *RowError) Unwrap() error { return e.Err }

// An UnlistedError says that a label is not in the list of classes.
type UnlistedError struct{ Label string }

func (e *UnlistedError) Error() string {
	return fmt.Sprintf("the label %q is not in the list of classes", e.Label)
}

// A recipe says how rows become examples.
type recipe struct {
	dataset    *Dataset
	preprocess vision.Preprocess
	augment    *Augment
	seed       uint64
	limits     vision.Limits
}

// fill makes an example of row e.Index. Pixels and Mask are there already.
func (r *recipe) fill(e *Example, epoch uint64) {
	row := r.dataset.Row(e.Index)
	*e = Example{Index: e.Index, Pixels: e.Pixels, Mask: e.Mask, Class: r.dataset.Class(e.Index)}
	clear(e.Mask)
	fault := func(part Part, err error) {
		e.Faults = append(e.Faults, RowError{r.dataset.Place(e.Index), part, err})
	}
	photo, err := vision.DecodeFile(row.Image, r.limits)
	if err != nil {
		clear(e.Pixels)
		fault(PartPhoto, err)
		return
	}
	random := newRandom(augmentStream, r.seed, epoch, uint64(e.Index))
	told := tellingOf(&row)
	v := r.augment.view(r.preprocess, photo.Width, photo.Height, told, random)
	e.Moved = v.shift != place{}
	if err := r.fillPixels(e, photo, v); err != nil {
		clear(e.Pixels)
		fault(PartPhoto, fmt.Errorf("%s: %w", row.Image, err))
		return
	}
	if told.speaks && !v.cut {
		e.Rationales, e.TextWeight = row.Rationales, 1
		if to := v.placeOf(told.place); told.placed && to != told.place {
			e.Rationales = placedAt(row.Rationales, row.Position, to.name())
		}
	}
	if e.Class != NoClass {
		e.LabelWeight = 1
	} else if row.Label != "" {
		fault(PartLabel, &UnlistedError{row.Label})
	}
	if err := r.fillMask(e, &row, photo, v); err != nil {
		fault(PartMask, err)
	}
}

func (r *recipe) fillPixels(e *Example, photo *vision.Image, v view) error {
	seen, err := vision.Resize(photo, v.box, r.preprocess.Width, r.preprocess.Height, r.preprocess.Filter)
	if err != nil {
		return err
	}
	shiftPixels(seen, v.shift)
	if v.mirrored {
		mirror(seen)
	}
	v.colours.apply(seen)
	copy(e.Pixels, seen.Pix)
	return nil
}

func (r *recipe) fillMask(e *Example, row *Row, photo *vision.Image, v view) error {
	b, err := row.ReadMask(photo.Width, photo.Height)
	if err != nil || b == nil {
		return err
	}
	b.average(e.Mask, v.box, r.preprocess.Width, r.preprocess.Height, v.mirrored)
	if v.mirrored {
		v.shift.across = -v.shift.across // the mask is mirrored already
	}
	shiftMask(e.Mask, r.preprocess.Width, r.preprocess.Height, v.shift)
	for _, share := range e.Mask {
		if share > 0 {
			e.MaskWeight = 1
			break
		}
	}
	return nil
}

// sided tells whether a sentence speaks of left or right, in English. Where such a
// word means something else nothing is lost but a mirrored photo.
func sided(sentences []string) bool {
	for _, s := range sentences {
		for word := range strings.FieldsFuncSeq(s, func(r rune) bool { return !unicode.IsLetter(r) }) {
			if strings.EqualFold(word, "left") || strings.EqualFold(word, "right") {
				return true
			}
		}
	}
	return false
}

package data

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"

	"megl-edge/runtime/vision"
)

// Counts say what the rows of a dataset have.
type Counts struct {
	Rows    int          `json:"rows"`
	Labels  int          `json:"labels"`
	Masks   int          `json:"masks"`
	Texts   int          `json:"texts"` // rows with sentences
	Classes []ClassCount `json:"classes"`
}

// A ClassCount says how many rows a class has.
type ClassCount struct {
	Label string `json:"label"`
	Rows  int    `json:"rows"`
	Masks int    `json:"masks"` // of these
}

// Count looks at no photos.
func (d *Dataset) Count() Counts {
	c := Counts{Rows: d.Len(), Classes: make([]ClassCount, len(d.labels))}
	for i, label := range d.labels {
		c.Classes[i].Label = label
	}
	for i := range d.rows {
		row := &d.rows[i]
		mask := 0
		if row.HasMask() {
			mask = 1
		}
		c.Masks += mask
		if len(row.Rationales) > 0 {
			c.Texts++
		}
		if row.Label != "" {
			c.Labels++
		}
		if class := d.classes[i]; class != NoClass {
			c.Classes[class].Rows++
			c.Classes[class].Masks += mask
		}
	}
	return c
}

// A Problem is a kind of mistake in data.
type Problem string

const (
	ProblemPhoto     Problem = "unreadable photo"
	ProblemMask      Problem = "unreadable mask"
	ProblemMaskSize  Problem = "mask of another size"
	ProblemMaskEmpty Problem = "mask that marks nothing"
	ProblemLabel     Problem = "label not in the list"
	ProblemDuplicate Problem = "photo that occurs twice"
	ProblemSplit     Problem = "photo in two splits"
)

// Problems are all kinds of them.
var Problems = []Problem{ProblemPhoto, ProblemMask, ProblemMaskSize, ProblemMaskEmpty, ProblemLabel, ProblemDuplicate, ProblemSplit}

// A Finding is one mistake.
type Finding struct {
	Problem Problem `json:"problem"`
	Place   string  `json:"place"`
	Detail  string  `json:"detail"`
}

// A Checked dataset has been read as a whole.
type Checked struct {
	Findings []Finding                    // in the order of the rows
	photos   map[[sha256.Size]byte]string // digest of the pixels → place
}

// Check reads all photos and masks of a dataset. A photo that has the pixels of
// another one of the dataset, or of one of the other datasets, is a mistake. step
// is called after each row with the number of those that are done, by one
// goroutine.
func Check(ctx context.Context, d *Dataset, step func(done int), others ...*Checked) (*Checked, error) {
	inspected := make([]inspection, d.Len())
	if err := d.inspectAll(ctx, inspected, step); err != nil {
		return nil, err
	}
	c := &Checked{photos: map[[sha256.Size]byte]string{}}
	for i, in := range inspected {
		c.Findings = append(c.Findings, in.findings...)
		if !in.readable {
			continue
		}
		place := d.Place(i)
		if first, twice := c.photos[in.digest]; twice {
			c.Findings = append(c.Findings, Finding{ProblemDuplicate, place, "the same pixels as " + first})
			continue
		}
		c.photos[in.digest] = place
		for _, other := range others {
			if first, twice := other.photos[in.digest]; twice {
				c.Findings = append(c.Findings, Finding{ProblemSplit, place, "the same pixels as " + first})
			}
		}
	}
	return c, nil
}

// An inspection is what one row turned out to be.
type inspection struct {
	findings []Finding
	readable bool
	digest   [sha256.Size]byte // of the photo's size and pixels
}

// inspectAll inspects the rows by as many goroutines as Go uses processors.
func (d *Dataset) inspectAll(ctx context.Context, results []inspection, step func(done int)) error {
	rows, done := make(chan int), make(chan struct{})
	var working sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		working.Go(func() {
			for i := range rows {
				results[i] = d.inspect(i)
				done <- struct{}{}
			}
		})
	}
	go func() {
		defer close(done)
		defer working.Wait()
		defer close(rows)
		for i := range results {
			select {
			case rows <- i:
			case <-ctx.Done():
				return
			}
		}
	}()
	n := 0
	for range done {
		n++
		step(n)
	}
	return context.Cause(ctx)
}

func (d *Dataset) inspect(i int) inspection {
	row := d.Row(i)
	var in inspection
	found := func(problem Problem, detail string) {
		place := d.Place(i)
		in.findings = append(in.findings, Finding{problem, place, strings.TrimPrefix(detail, place+": ")})
	}
	if d.Unlisted(i) {
		found(ProblemLabel, fmt.Sprintf("the label %q", row.Label))
	}
	photo, err := vision.DecodeFile(row.Image, vision.DefaultLimits)
	if err != nil {
		found(ProblemPhoto, err.Error())
		return in
	}
	in.readable, in.digest = true, digest(photo)
	mask, err := row.ReadMask(photo.Width, photo.Height)
	var misfit *MaskSizeError
	switch {
	case errors.As(err, &misfit):
		found(ProblemMaskSize, err.Error())
	case err != nil:
		found(ProblemMask, err.Error())
	case mask != nil && mask.Empty():
		found(ProblemMaskEmpty, row.Image)
	}
	return in
}

// digest is of the pixels, not of the file: a photo that was saved again without
// loss is the same.
func digest(im *vision.Image) [sha256.Size]byte {
	size := fmt.Sprintf("%dx%d\n", im.Width, im.Height)
	h := sha256.New()
	h.Write([]byte(size))
	h.Write(im.Pix)
	return [sha256.Size]byte(h.Sum(nil))
}

package data

import (
	"fmt"
	"maps"
	"slices"
	"unique"
)

// NoClass is the class of a row that has no label, or one that is not in the list.
const NoClass = -1

// A Dataset is all rows of a source, in their order, with the number of each one's
// class. It is not changed once it is made, and may be used by several goroutines.
type Dataset struct {
	path    string
	labels  []string
	rows    []Row
	classes []int32 // of each row, or NoClass
}

// Load reads the rows at path, where [Open] finds them. labels are the classes, in
// the order of a model's outputs; if there are none, the classes are the labels
// that occur, sorted by their bytes. A label counts as in the list only if it is
// there to the letter; where the list has it twice, it is the first.
func Load(path string, labels []string) (*Dataset, error) {
	source, err := Open(path)
	if err != nil {
		return nil, err
	}
	d := &Dataset{path: path}
	for row, err := range source.Rows() {
		if err != nil {
			return nil, err
		}
		d.rows = append(d.rows, row.shared())
	}
	if len(labels) == 0 {
		labels = d.occurring()
	}
	d.labels = slices.Clone(labels)
	d.classify()
	return d, nil
}

// shared returns the row with its repeated texts in memory only once for all rows.
func (r Row) shared() Row {
	for _, text := range []*string{&r.Label, &r.Source, &r.Colour, &r.Position} {
		*text = unique.Make(*text).Value()
	}
	for i, text := range r.Attributes {
		r.Attributes[i] = unique.Make(text).Value()
	}
	return r
}

// occurring returns the labels of the rows.
func (d *Dataset) occurring() []string {
	names := map[string]bool{}
	for i := range d.rows {
		if label := d.rows[i].Label; label != "" {
			names[label] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}

func (d *Dataset) classify() {
	numbers := make(map[string]int32, len(d.labels))
	for i, label := range d.labels {
		if _, twice := numbers[label]; !twice {
			numbers[label] = int32(i)
		}
	}
	d.classes = make([]int32, len(d.rows))
	for i := range d.rows {
		class, ok := numbers[d.rows[i].Label]
		if !ok {
			class = NoClass
		}
		d.classes[i] = class
	}
}

// Path returns where the rows come from.
func (d *Dataset) Path() string { return d.path }

// Labels returns the names of the classes.
func (d *Dataset) Labels() []string { return slices.Clone(d.labels) }

// Len returns the number of rows, at least 1.
func (d *Dataset) Len() int { return len(d.rows) }

// Row returns row i, 0 to [Dataset.Len]-1. What its lists hold must not be changed.
func (d *Dataset) Row(i int) Row { return d.rows[i] }

// Class returns the class of row i, or [NoClass].
func (d *Dataset) Class(i int) int { return int(d.classes[i]) }

// Unlisted tells whether row i has a label that is not in the list of classes.
func (d *Dataset) Unlisted(i int) bool { return d.classes[i] == NoClass && d.rows[i].Label != "" }

// Place says where row i comes from, for messages.
func (d *Dataset) Place(i int) string {
	switch row := &d.rows[i]; {
	case row.Line > 0:
		return fmt.Sprintf("%s:%d", d.path, row.Line)
	case row.ID != "":
		return fmt.Sprintf("%s: image %s", d.path, row.ID)
	default:
		return row.Image
	}
}

// Subset returns the rows for which keep is true, with the classes of all.
func (d *Dataset) Subset(keep func(i int) bool) *Dataset {
	part := &Dataset{path: d.path, labels: d.labels}
	for i := range d.rows {
		if keep(i) {
			part.rows = append(part.rows, d.rows[i])
			part.classes = append(part.classes, d.classes[i])
		}
	}
	return part
}

package train

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"slices"

	"megl-edge/train/data"
)

// rank is a number that a row's identity and a seed determine, uniform over all
// that 64 bits hold: the same row gets the same in any order and any file.
func rank(row data.Row, seed uint64) [sha256.Size]byte {
	identity := row.ID
	if identity == "" {
		identity = row.Image
	}
	return sha256.Sum256(append(binary.LittleEndian.AppendUint64(nil, seed), identity...))
}

// chosen tells whether a row belongs to the given share of all rows.
func chosen(row data.Row, share float64, seed uint64) bool {
	if share >= 1 {
		return true
	}
	sum := rank(row, seed)
	return float64(binary.LittleEndian.Uint64(sum[:])>>11)/(1<<53) < share
}

// PerClass returns n rows of every class of a data set, chosen by the seed alone;
// rows without class are left out.
func PerClass(d *data.Dataset, n int, seed uint64) *data.Dataset {
	type ranked struct {
		index int
		rank  [sha256.Size]byte
	}
	classes := map[int][]ranked{}
	for i := range d.Len() {
		if class := d.Class(i); class != data.NoClass {
			classes[class] = append(classes[class], ranked{i, rank(d.Row(i), seed)})
		}
	}
	keep := map[int]bool{}
	for _, rows := range classes {
		slices.SortFunc(rows, func(a, b ranked) int { return bytes.Compare(a.rank[:], b.rank[:]) })
		for _, r := range rows[:min(n, len(rows))] {
			keep[r.index] = true
		}
	}
	return d.Subset(func(i int) bool { return keep[i] })
}

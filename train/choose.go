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
	places := placesInClass(d, seed)
	return d.Subset(func(i int) bool { return places[i] >= 0 && places[i] < n })
}

const foldKey = 0x666f6c64 // of the order that folds are dealt in

// Fold returns fold k of a data set cut into a number of folds, to measure with, and
// the rest, to learn from. Every fold has its share of each class; rows without class
// are left out. The same rows always fall into the same folds.
func Fold(d *data.Dataset, k, folds int) (rest, fold *data.Dataset) {
	places := placesInClass(d, foldKey)
	rest = d.Subset(func(i int) bool { return places[i] >= 0 && places[i]%folds != k })
	fold = d.Subset(func(i int) bool { return places[i] >= 0 && places[i]%folds == k })
	return rest, fold
}

// placesInClass puts the rows of every class in an order that a seed determines, and
// returns the place of each row in its class, −1 for rows without one.
func placesInClass(d *data.Dataset, seed uint64) []int {
	type ranked struct {
		index int
		rank  [sha256.Size]byte
	}
	places, classes := make([]int, d.Len()), map[int][]ranked{}
	for i := range places {
		places[i] = -1
		if class := d.Class(i); class != data.NoClass {
			classes[class] = append(classes[class], ranked{i, rank(d.Row(i), seed)})
		}
	}
	for _, rows := range classes {
		slices.SortFunc(rows, func(a, b ranked) int { return bytes.Compare(a.rank[:], b.rank[:]) })
		for place, r := range rows {
			places[r.index] = place
		}
	}
	return places
}

package data

import (
	"cmp"
	"iter"
	"math/bits"
	"math/rand/v2"
	"slices"
)

// sampleStream is the second half of the generator's seed. It keeps the choice
// apart from other uses of the same seed.
const sampleStream = 0x73616d706c65

// Sample returns n of the rows, in their order, each set of n rows with equal
// probability. The choice depends on seed and on the number of rows alone, on
// every machine. If there are no more than n rows, or n is 0 or less, it returns
// all. It holds n rows in memory. An error in rows is returned, without rows.
func Sample(rows iter.Seq2[Row, error], n int, seed uint64) ([]Row, error) {
	type pick struct {
		index uint64
		row   Row
	}
	var picks []pick
	random := rand.NewPCG(seed, sampleStream)
	index := uint64(0)
	for row, err := range rows {
		if err != nil {
			return nil, err
		}
		if n <= 0 || len(picks) < n {
			picks = append(picks, pick{index, row})
		} else if i := below(random, index+1); i < uint64(n) {
			picks[i] = pick{index, row}
		}
		index++
	}
	slices.SortFunc(picks, func(a, b pick) int { return cmp.Compare(a.index, b.index) })
	chosen := make([]Row, len(picks))
	for i, p := range picks {
		chosen[i] = p.row
	}
	return chosen, nil
}

// below returns a number from 0 to limit-1. It favours some by less than
// limit/2⁶⁴ of their probability.
func below(random *rand.PCG, limit uint64) uint64 {
	high, _ := bits.Mul64(random.Uint64(), limit)
	return high
}

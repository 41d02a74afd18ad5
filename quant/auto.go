package quant

import (
	"slices"

	"megl-edge/runtime/model"
)

// Auto keeps the fewest layers float that bring the share of photos with the
// same class to the wanted agreement: layers in the order of what they cost
// alone, added until it is reached, then taken back one by one where it holds
// without them. Where all layers are not enough, all are float.
func (c *Calibration) Auto(photos []Photo, agreement float64, keepFloat []string, progress func(done, all int)) (*model.Model, *Report, error) {
	q, err := c.Quantize(keepFloat...)
	if err != nil {
		return nil, nil, err
	}
	report, err := c.Compare(q, photos, keepFloat, progress)
	if err != nil {
		return nil, nil, err
	}
	before, err := ask(c.model, photos)
	if err != nil {
		return nil, nil, err
	}
	agrees := func(kept []string) (bool, error) {
		q, err := c.Quantize(kept...)
		if err != nil {
			return false, err
		}
		share, err := c.share(q, photos, before)
		return share >= agreement, err
	}
	var candidates []string
	for _, l := range report.Layers {
		if !slices.Contains(keepFloat, l.Name) {
			candidates = append(candidates, l.Name)
		}
	}
	kept, err := fewest(keepFloat, candidates, report.Agreement >= agreement, agrees)
	if err != nil {
		return nil, nil, err
	}
	if len(kept) == len(keepFloat) {
		return q, report, nil
	}
	if q, err = c.Quantize(kept...); err != nil {
		return nil, nil, err
	}
	report, err = c.Compare(q, photos, kept, progress)
	return q, report, err
}

// fewest adds candidates to kept until they agree, twice as many each time, and
// then gives back what is not needed.
func fewest(kept, candidates []string, enough bool, agrees func([]string) (bool, error)) ([]string, error) {
	with := func(n int) []string { return append(slices.Clone(kept), candidates[:n]...) }
	if enough {
		return kept, nil
	}
	fails, holds := 0, len(candidates)
	for n := 1; n < len(candidates); n *= 2 {
		ok, err := agrees(with(n))
		if err != nil {
			return nil, err
		}
		if ok {
			holds = n
			break
		}
		fails = n
	}
	for holds-fails > 1 {
		middle := (holds + fails) / 2
		ok, err := agrees(with(middle))
		if err != nil {
			return nil, err
		}
		if ok {
			holds = middle
		} else {
			fails = middle
		}
	}
	return withoutSpare(kept, with(holds), agrees)
}

// withoutSpare takes back, from the least costly on, layers without which the
// models still agree.
func withoutSpare(kept, chosen []string, agrees func([]string) (bool, error)) ([]string, error) {
	const most = 8 // each takes a run over all photos
	for i := len(chosen) - 1; i >= len(kept) && i >= len(chosen)-most; i-- {
		fewer := slices.Delete(slices.Clone(chosen), i, i+1)
		ok, err := agrees(fewer)
		if err != nil {
			return nil, err
		}
		if ok {
			chosen = fewer
		}
	}
	return chosen, nil
}

// share is on how many of the photos q gives the class of the float model.
func (c *Calibration) share(q *model.Model, photos []Photo, before []answer) (float64, error) {
	after, err := ask(q, photos)
	if err != nil {
		return 0, err
	}
	same := 0
	for i := range before {
		if before[i].class == after[i].class {
			same++
		}
	}
	return float64(same) / float64(len(before)), nil
}

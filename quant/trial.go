package quant

import (
	"iter"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/model"
	"megl-edge/runtime/tensor"
)

// Every fourth photo, up to trialPhotos of them, is kept to choose by; a single
// photo serves for both.
const (
	trialPhotos = 16
	trialEvery  = 4
)

// split keeps some photos in memory, and returns the others as a stream.
func split(photos Photos) (trial []Photo, rest Photos, err error) {
	number := 0
	for photo, err := range photos {
		if err != nil {
			return nil, nil, err
		}
		if isTrial(number) {
			trial = append(trial, Photo{Input: photo.Clone()})
		}
		number++
	}
	if number == 1 {
		return trial, photos, nil
	}
	return trial, without(photos, isTrial), nil
}

func isTrial(number int) bool {
	return number%trialEvery == 0 && number/trialEvery < trialPhotos
}

// without leaves photos out by their number.
func without(photos Photos, leftOut func(number int) bool) iter.Seq2[tensor.Tensor, error] {
	return func(yield func(tensor.Tensor, error) bool) {
		number := 0
		for photo, err := range photos {
			skip := err == nil && leftOut(number)
			number++
			if !skip && !yield(photo, err) {
				return
			}
		}
	}
}

// closer tells whether the int8 model of a has logits closer to those of g than
// that of b.
func closer(a, b *Calibration, g *graph.Graph, photos []Photo) (bool, error) {
	want, err := logitsOf(g, photos)
	if err != nil {
		return false, err
	}
	var errors [2]float64
	for i, c := range []*Calibration{a, b} {
		int8, err := c.int8Graph(func(string) bool { return true })
		if err != nil {
			return false, err
		}
		got, err := logitsOf(int8, photos)
		if err != nil {
			return false, err
		}
		for k := range want {
			_, e := noise(want[k], got[k])
			errors[i] += e
		}
	}
	return errors[0] < errors[1], nil
}

// logitsOf runs a graph on photos.
func logitsOf(g *graph.Graph, photos []Photo) ([][]float32, error) {
	id, _ := g.Output(model.LogitsOutput)
	w, err := newWatch(g, []graph.ID{id})
	if err != nil {
		return nil, err
	}
	defer w.close()
	var all [][]float32
	for _, p := range photos {
		if err := w.run(p.Input); err != nil {
			return nil, err
		}
		all = append(all, append([]float32{}, w.value(0)...))
	}
	return all, nil
}

package gate

import (
	"errors"
	"slices"
	"time"

	"megl-edge/gradcam"
	"megl-edge/runtime/model"
	"megl-edge/runtime/vision"
	"megl-edge/sdtg"
	"megl-edge/train/data"
)

const (
	timedPhotos = 8
	timedRounds = 9
)

// latency returns how many times as long the candidate takes to explain a photo as the
// current model: the median over rounds in which the two take turns.
func latency(candidate, current *model.Model, rows *data.Dataset, threads int) (float64, error) {
	photos, err := somePhotos(rows)
	if err != nil {
		return 0, err
	}
	var runs [2]func() error
	for i, m := range []*model.Model{candidate, current} {
		run, end, err := explanations(m, photos, threads)
		if err != nil {
			return 0, err
		}
		defer end()
		runs[i] = run
	}
	ratios := make([]float64, 0, timedRounds)
	for round := range timedRounds + 1 {
		var took [2]time.Duration
		for i, run := range runs {
			start := time.Now()
			if err := run(); err != nil {
				return 0, err
			}
			took[i] = time.Since(start)
		}
		if round > 0 { // the first one warms up
			ratios = append(ratios, float64(took[0])/float64(max(1, took[1])))
		}
	}
	slices.Sort(ratios)
	return ratios[len(ratios)/2], nil
}

// explanations returns a function that explains all photos, sentences included.
func explanations(m *model.Model, photos []*vision.Image, threads int) (run func() error, end func(), err error) {
	e, err := gradcam.NewExplainer(m, gradcam.Options{Threads: threads, NoMap: m.TargetLayer == ""})
	if err != nil {
		return nil, nil, err
	}
	voice, err := sdtg.OpenVoice(m, threads)
	if err != nil && !errors.Is(err, sdtg.ErrSilent) {
		e.Close()
		return nil, nil, err
	}
	end = func() {
		e.Close()
		if voice != nil {
			voice.Close()
		}
	}
	return func() error {
		for _, photo := range photos {
			x, err := e.Explain(photo, gradcam.Automatic)
			if err != nil {
				return err
			}
			if voice != nil && x.Evidence() {
				if _, err := voice.Say(x.Features, x.Map, x.Class); err != nil {
					return err
				}
			}
		}
		return nil
	}, end, nil
}

// somePhotos decodes the first photos that can be read.
func somePhotos(rows *data.Dataset) ([]*vision.Image, error) {
	var photos []*vision.Image
	for i := 0; i < rows.Len() && len(photos) < timedPhotos; i++ {
		if photo, err := vision.DecodeFile(rows.Row(i).Image, vision.DefaultLimits); err == nil {
			photos = append(photos, photo)
		}
	}
	return photos, nil
}

package evaluate

import (
	"megl-edge/train/data"
)

// Score is a mean over photos with its interval: of 1000 resamples of the photos
// 95 % give a value from Low to High.
type Score struct {
	Value float64 `json:"value"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
}

// Scores are what a model reaches. A score is nil where no photo had what it
// needs, or where it was not asked for.
type Scores struct {
	Accuracy          *Score `json:"accuracy"`
	MacroPrecision    *Score `json:"macro_precision"`
	MacroRecall       *Score `json:"macro_recall"`
	MacroF1           *Score `json:"macro_f1"`
	CalibrationError  *Score `json:"calibration_error"`
	MeanIoU           *Score `json:"mean_iou"`
	PointingGame      *Score `json:"pointing_game"`
	EnergyInMask      *Score `json:"energy_in_mask"`
	InsertionAUC      *Score `json:"insertion_auc"`
	DeletionAUC       *Score `json:"deletion_auc"`
	RandomisationRank *Score `json:"randomisation_spearman"`
	CentrePriorIoU    *Score `json:"centre_prior_iou"`
	// UnknownAUROC is how often an unrelated photo is less like the classes than one of
	// them.
	UnknownAUROC *Score `json:"unknown_auroc,omitempty"`

	// Text are the scores of sentences by their names, see [TextNames]; nil where there
	// are none.
	Text map[string]TextScore `json:"text,omitempty"`

	// Recalls are of the classes, in their order.
	Recalls []Recall `json:"-"`

	Images   int `json:"images"`   // photos that could be read
	Labelled int `json:"labelled"` // of them with a label of the model
	Masked   int `json:"masked"`   // of them with a mask
	Skipped  int `json:"skipped"`  // rows that could not be used
}

// Recall is how many of the photos of a class were recognised.
type Recall struct{ Right, Photos int }

// Metrics returns the values of the scores there are, by the names that JSON gives
// them: what a model file keeps.
func (s *Scores) Metrics() map[string]float64 {
	metrics := map[string]float64{}
	for name, score := range map[string]*Score{
		"accuracy": s.Accuracy, "macro_precision": s.MacroPrecision, "macro_recall": s.MacroRecall, "macro_f1": s.MacroF1,
		"calibration_error": s.CalibrationError, "mean_iou": s.MeanIoU, "pointing_game": s.PointingGame,
		"energy_in_mask": s.EnergyInMask, "insertion_auc": s.InsertionAUC, "deletion_auc": s.DeletionAUC,
		"randomisation_spearman": s.RandomisationRank, "centre_prior_iou": s.CentrePriorIoU, "unknown_auroc": s.UnknownAUROC,
	} {
		if score != nil {
			metrics[name] = score.Value
		}
	}
	for name, score := range s.Text {
		metrics[name] = score.Value
	}
	return metrics
}

const (
	resamples      = 1000
	bootstrapKey   = 0x626f6f74
	calibrationBin = 15
	tail           = resamples * 25 / 1000 // outside of an interval, at each end
)

// summarize computes all scores of the outcomes.
func summarize(all []outcome, classes int, seed uint64) *Scores {
	labelled := having(all, func(o *outcome) bool { return o.class != data.NoClass })
	masked := having(all, func(o *outcome) bool { return o.masked })
	disturbed := having(all, func(o *outcome) bool { return o.disturbed })
	over := func(outcomes []outcome, statistic func([]outcome) float64) *Score {
		return bootstrapped(outcomes, statistic, seed)
	}
	mean := func(outcomes []outcome, of func(o *outcome) float64) *Score {
		return over(outcomes, func(sample []outcome) float64 { return meanOf(sample, of) })
	}
	macro := func(of func(precision, recall, f1 float64) float64) *Score {
		return over(labelled, func(sample []outcome) float64 { return macroMean(sample, classes, of) })
	}
	return &Scores{
		Accuracy:          mean(labelled, func(o *outcome) float64 { return one(o.class == o.predicted) }),
		MacroPrecision:    macro(func(p, _, _ float64) float64 { return p }),
		MacroRecall:       macro(func(_, r, _ float64) float64 { return r }),
		MacroF1:           macro(func(_, _, f1 float64) float64 { return f1 }),
		CalibrationError:  over(labelled, calibrationError),
		MeanIoU:           mean(masked, func(o *outcome) float64 { return o.iou }),
		PointingGame:      mean(masked, func(o *outcome) float64 { return o.pointing }),
		EnergyInMask:      mean(masked, func(o *outcome) float64 { return o.energy }),
		CentrePriorIoU:    mean(masked, func(o *outcome) float64 { return o.centre }),
		InsertionAUC:      mean(disturbed, func(o *outcome) float64 { return o.insertion }),
		DeletionAUC:       mean(disturbed, func(o *outcome) float64 { return o.deletion }),
		RandomisationRank: mean(disturbed, func(o *outcome) float64 { return o.scrambled }),
		Recalls:           recalls(labelled, classes),
		Images:            len(all), Labelled: len(labelled), Masked: len(masked),
	}
}

func recalls(labelled []outcome, classes int) []Recall {
	of := make([]Recall, classes)
	for i := range labelled {
		o := &labelled[i]
		of[o.class].Photos++
		of[o.class].Right += int(one(o.class == o.predicted))
	}
	return of
}

func having(all []outcome, has func(*outcome) bool) []outcome {
	var part []outcome
	for i := range all {
		if has(&all[i]) {
			part = append(part, all[i])
		}
	}
	return part
}

func one(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}

func meanOf(sample []outcome, of func(o *outcome) float64) float64 {
	sum := 0.0
	for i := range sample {
		sum += of(&sample[i])
	}
	return sum / float64(len(sample))
}

// bootstrapped returns a statistic of the outcomes with its interval (Efron, 1979,
// percentiles).
func bootstrapped(outcomes []outcome, statistic func([]outcome) float64, seed uint64) *Score {
	if len(outcomes) == 0 {
		return nil
	}
	chosen := make([]outcome, len(outcomes))
	s := resampled(len(outcomes), seed, func(sample []int) float64 {
		for i, k := range sample {
			chosen[i] = outcomes[k]
		}
		return statistic(chosen)
	})
	return &s
}

// macroMean returns the mean over the classes that occur, as a label or as an
// answer, of a figure of each. Precision and recall of nothing are 0.
func macroMean(sample []outcome, classes int, of func(precision, recall, f1 float64) float64) float64 {
	right, asked, answered := make([]int, classes), make([]int, classes), make([]int, classes)
	for i := range sample {
		o := &sample[i]
		asked[o.class]++
		answered[o.predicted]++
		if o.class == o.predicted {
			right[o.class]++
		}
	}
	sum, occurring := 0.0, 0
	for c := range classes {
		if asked[c] == 0 && answered[c] == 0 {
			continue
		}
		occurring++
		precision, recall := ratio(right[c], answered[c]), ratio(right[c], asked[c])
		sum += of(precision, recall, ratio(2*right[c], asked[c]+answered[c]))
	}
	return sum / float64(occurring)
}

func ratio(a, b int) float64 {
	if b == 0 {
		return 0
	}
	return float64(a) / float64(b)
}

// calibrationError is the expected difference between confidence and accuracy, in
// 15 equal bins of confidence (Guo et al., ICML 2017).
func calibrationError(sample []outcome) float64 {
	var right, count [calibrationBin]int
	var confidence [calibrationBin]float64
	for i := range sample {
		o := &sample[i]
		bin := min(int(o.confidence*calibrationBin), calibrationBin-1)
		count[bin]++
		confidence[bin] += o.confidence
		if o.class == o.predicted {
			right[bin]++
		}
	}
	sum := 0.0
	for bin := range count {
		gap := float64(right[bin]) - confidence[bin]
		sum += max(gap, -gap)
	}
	return sum / float64(len(sample))
}

package experiment

import (
	"cmp"
	"math"
	"slices"

	"megl-edge/train/evaluate"
)

// Score is one of the figures that arms are compared by.
type Score struct {
	Name string
	Of   func(*evaluate.Scores) *evaluate.Score
}

// Scores are the figures of a comparison.
var Scores = []Score{
	{"accuracy", func(s *evaluate.Scores) *evaluate.Score { return s.Accuracy }},
	{"macro F1", func(s *evaluate.Scores) *evaluate.Score { return s.MacroF1 }},
	{"mean IoU", func(s *evaluate.Scores) *evaluate.Score { return s.MeanIoU }},
	{"pointing game", func(s *evaluate.Scores) *evaluate.Score { return s.PointingGame }},
}

// Interval is a mean over seeds; the mean over all seeds lies between Low and High
// with 95 % confidence (Student's t).
type Interval struct {
	Mean float64 `json:"mean"`
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// Row is what an arm reached, by score.
type Row struct {
	Arm   string              `json:"arm"`
	Seeds int                 `json:"seeds"`
	Means map[string]Interval `json:"means"`
	// Gains are the differences to the first arm, seed by seed; none for that arm
	// itself.
	Gains map[string]Interval `json:"gains,omitempty"`
}

// Compare sums up runs, arm by arm. Seeds that the first arm has not are left out
// of the differences; a score that fewer than two runs have is left out.
func Compare(arms []Arm, runs []Run) []Row {
	rows := make([]Row, len(arms))
	first := bySeed(runs, arms[0].Name)
	for i, arm := range arms {
		own := bySeed(runs, arm.Name)
		rows[i] = Row{Arm: arm.Name, Seeds: len(own), Means: map[string]Interval{}}
		if i > 0 {
			rows[i].Gains = map[string]Interval{}
		}
		for _, score := range Scores {
			var values, gains []float64
			for _, r := range own {
				value := score.Of(r.Scores)
				if value == nil {
					continue
				}
				values = append(values, value.Value)
				at := slices.IndexFunc(first, func(base Run) bool { return base.Seed == r.Seed })
				if at >= 0 && score.Of(first[at].Scores) != nil {
					gains = append(gains, value.Value-score.Of(first[at].Scores).Value)
				}
			}
			if len(values) > 1 {
				rows[i].Means[score.Name] = intervalOf(values)
			}
			if i > 0 && len(gains) > 1 {
				rows[i].Gains[score.Name] = intervalOf(gains)
			}
		}
	}
	return rows
}

// bySeed returns the runs of an arm in the order of their seeds.
func bySeed(runs []Run, arm string) []Run {
	var own []Run
	for _, r := range runs {
		if r.Arm == arm {
			own = append(own, r)
		}
	}
	slices.SortFunc(own, func(a, b Run) int { return cmp.Compare(a.Seed, b.Seed) })
	return own
}

// intervalOf returns the mean of at least two values and its interval.
func intervalOf(values []float64) Interval {
	n := float64(len(values))
	mean, squares := 0.0, 0.0
	for _, v := range values {
		mean += v / n
	}
	for _, v := range values {
		squares += (v - mean) * (v - mean)
	}
	half := studentT(len(values)-1) * math.Sqrt(squares/(n-1)/n)
	return Interval{mean, mean - half, mean + half}
}

// studentT returns the 97.5 % point of Student's distribution.
func studentT(degrees int) float64 {
	table := [...]float64{12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228,
		2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086}
	if degrees <= len(table) {
		return table[degrees-1]
	}
	const z = 1.959964
	v := float64(degrees)
	// Cornish and Fisher's expansion: right to three decimals from here on.
	return z + (z*z*z+z)/(4*v) + (5*z*z*z*z*z+16*z*z*z+3*z)/(96*v*v)
}

package evaluate

import (
	"math/rand/v2"
	"slices"

	"megl-edge/sdtg/textmetric"
)

// TextScore is a score of sentences, and how much greater it is than that of a blind
// decoder's sentences about the same photos.
type TextScore struct {
	Score
	Gain *Score `json:"gain,omitempty"`
}

// textStatistic is a figure of what was said of some photos; ok is false where none of
// them has what it needs.
type textStatistic struct {
	name string
	// seen tells that it is about what a decoder looks at: a blind one has no such score.
	seen bool
	of   func(all []*said) (value float64, ok bool)
}

var textStatistics = []textStatistic{
	{"bleu1", false, ofMetrics(func(s textmetric.Scores) float64 { return s.BLEU[0] })},
	{"bleu2", false, ofMetrics(func(s textmetric.Scores) float64 { return s.BLEU[1] })},
	{"bleu3", false, ofMetrics(func(s textmetric.Scores) float64 { return s.BLEU[2] })},
	{"bleu4", false, ofMetrics(func(s textmetric.Scores) float64 { return s.BLEU[3] })},
	{"rouge_l", false, ofMetrics(func(s textmetric.Scores) float64 { return s.ROUGEL })},
	{"cider_d", false, ofMetrics(func(s textmetric.Scores) float64 { return s.CIDErD })},
	{"attribute_recall", false, share(func(s *said) (int, int) { return s.named, s.attributes })},
	{"wrong_attributes", false, share(func(s *said) (int, int) { return s.wrong, s.claimed })},
	{"colour_macro", false, macroOf(func(s *said) (string, bool) { return s.colour, s.rightColour })},
	{"position_macro", false, macroOf(func(s *said) (string, bool) { return s.position, s.rightPosition })},
	{"grounded_phrases", true, phraseShare(func(p phrase) bool { return p.grounded })},
	{"centre_box_phrases", true, phraseShare(func(p phrase) bool { return p.centre })},
	{"shuffled_mask_phrases", true, phraseShare(func(p phrase) bool { return p.shuffled })},
	{"mirrored_sides", true, share(func(s *said) (int, int) { return int(one(s.sided && s.mirrored)), int(one(s.sided)) })},
	{"blanked_attributes", true, share(func(s *said) (int, int) { return s.gone, s.blanked })},
}

// TextNames are the scores of sentences in the order that people read them: BLEU,
// ROUGE-L and CIDEr-D against the row's sentences (n-grams are as rare as in the whole
// set); the share of the row's attributes that are named, and that of the named ones
// which are not the row's; how often the row's colour, and its position, is named and
// no other (a mean over the values that occur); the share of named attributes whose
// region overlaps the mask by at least 0.3, and the same for a box of half the height
// and width in the centre and for the mask of the photo before; of the photos whose
// sentence has left or right, the share in which they swap when the photo is
// mirrored; and the share of named attributes that vanish when their region is blanked.
func TextNames() []string {
	names := make([]string, len(textStatistics))
	for i, s := range textStatistics {
		names[i] = s.name
	}
	return names
}

// ofMetrics returns a figure of the text metrics.
func ofMetrics(of func(textmetric.Scores) float64) func([]*said) (float64, bool) {
	return func(all []*said) (float64, bool) {
		each := make([]textmetric.ItemScores, len(all))
		for i, s := range all {
			each[i] = s.metrics
		}
		return of(textmetric.Mean(each)), len(all) > 0
	}
}

// share returns Σ part / Σ whole.
func share(of func(*said) (part, whole int)) func([]*said) (float64, bool) {
	return func(all []*said) (float64, bool) {
		parts, wholes := 0, 0
		for _, s := range all {
			part, whole := of(s)
			parts, wholes = parts+part, wholes+whole
		}
		return ratio(parts, wholes), wholes > 0
	}
}

func phraseShare(of func(phrase) bool) func([]*said) (float64, bool) {
	return share(func(s *said) (int, int) {
		hits := 0
		for _, p := range s.phrases {
			hits += int(one(of(p)))
		}
		return hits, len(s.phrases)
	})
}

// macroOf returns the mean, over the values that rows have, of the share that is right.
func macroOf(of func(*said) (value string, right bool)) func([]*said) (float64, bool) {
	return func(all []*said) (float64, bool) {
		right, count := map[string]int{}, map[string]int{}
		var values []string // in the order they occur, so that the sum is the same each time
		for _, s := range all {
			value, hit := of(s)
			if value == "" {
				continue
			}
			if count[value] == 0 {
				values = append(values, value)
			}
			count[value]++
			right[value] += int(one(hit))
		}
		slices.Sort(values)
		sum := 0.0
		for _, v := range values {
			sum += ratio(right[v], count[v])
		}
		return sum / float64(max(1, len(values))), len(values) > 0
	}
}

// scoreSentences computes all scores of the sentences; nil where there are none.
func scoreSentences(outcomes []outcome, seed uint64) map[string]TextScore {
	own, blind := pick(outcomes, func(o *outcome) *said { return o.said }), pick(outcomes, func(o *outcome) *said { return o.blind })
	if len(own) == 0 {
		return nil
	}
	scores := map[string]TextScore{}
	for _, s := range textStatistics {
		if _, ok := s.of(own); !ok {
			continue
		}
		score := TextScore{Score: resampled(len(own), seed, func(sample []int) float64 {
			value, _ := s.of(at(own, sample))
			return value
		})}
		if len(blind) == len(own) && !s.seen {
			gain := resampled(len(own), seed, func(sample []int) float64 {
				value, _ := s.of(at(own, sample))
				base, _ := s.of(at(blind, sample))
				return value - base
			})
			score.Gain = &gain
		}
		scores[s.name] = score
	}
	return scores
}

// pick returns what was said, scored as items of one set.
func pick(outcomes []outcome, of func(*outcome) *said) []*said {
	var all []*said
	var items []textmetric.Item
	for i := range outcomes {
		if s := of(&outcomes[i]); s != nil {
			all, items = append(all, s), append(items, s.item)
		}
	}
	for i, metrics := range textmetric.Each(items) {
		all[i].metrics = metrics
	}
	return all
}

func at(all []*said, sample []int) []*said {
	chosen := make([]*said, len(sample))
	for i, k := range sample {
		chosen[i] = all[k]
	}
	return chosen
}

// resampled returns a statistic of n things with its interval; see [bootstrapped].
func resampled(n int, seed uint64, statistic func(sample []int) float64) Score {
	random := rand.NewPCG(seed, bootstrapKey)
	sample, values := make([]int, n), make([]float64, resamples)
	for r := range values {
		for i := range sample {
			sample[i] = int(random.Uint64() % uint64(n))
		}
		values[r] = statistic(sample)
	}
	slices.Sort(values)
	for i := range sample {
		sample[i] = i
	}
	return Score{statistic(sample), values[tail], values[resamples-1-tail]}
}

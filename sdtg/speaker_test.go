package sdtg_test

import (
	"math"
	"slices"
	"testing"

	"megl-edge/kernels/asm"
	"megl-edge/runtime/tensor"
	"megl-edge/sdtg"
)

// seen returns what the first photo of [session] shows.
func seen() (features, saliency []float32) {
	features, saliency = make([]float32, 30), make([]float32, 6)
	for i := range features {
		features[i] = float32(i*i%17) / 17
	}
	for i := range saliency {
		saliency[i] = float32(i*i%17) / 17
	}
	return features, saliency
}

func speaker(t testing.TB, s sdtg.Shape, threads int) *sdtg.Speaker {
	t.Helper()
	k, err := sdtg.NewSpeaker(s, s.NewWeights(7), threads)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(k.Close)
	return k
}

// Word by word a sentence gets the logits that training computes at once, to the
// bit, at every level.
func TestStepsAreTheWholeSentence(t *testing.T) {
	const class = 3
	said := []int32{4, 10, 1, 7, 2}
	features, saliency := seen()
	for _, level := range asm.Levels() {
		restore := asm.Force(level)
		whole := session(t)
		set(t, whole, "class", 0, int32(class))
		for i, token := range said {
			set(t, whole, "tokens", i, token)
		}
		want := logits(t, whole)[:small.Length]
		place := 0
		choose := func(got []float32, before []int32) int32 {
			if !slices.Equal(got, want[place]) {
				t.Errorf("level %v: place %d has logits %v, want %v", level, place, got, want[place])
			}
			place++
			if place > len(said) {
				return 0
			}
			return said[place-1]
		}
		sentence, err := speaker(t, small, 1).Say(features, saliency, class, 0, choose)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(sentence.Tokens, said) || len(sentence.Shares) != len(said) {
			t.Errorf("level %v: said %v with %d rows of shares", level, sentence.Tokens, len(sentence.Shares))
		}
		for i, shares := range sentence.Shares {
			sum := 0.0
			for _, share := range shares {
				sum += float64(share)
			}
			if math.Abs(sum-1) > 1e-5 {
				t.Errorf("level %v: token %d takes %v of all cells", level, i, sum)
			}
		}
		restore()
	}
}

// A sentence is the same whatever was said before, on any number of threads, and
// ends where it should.
func TestSay(t *testing.T) {
	features, saliency := seen()
	var first *sdtg.Sentence
	for _, threads := range []int{1, 2, 7} {
		k := speaker(t, small, threads)
		for range 2 {
			got, err := k.Say(features, saliency, 1, -1, sdtg.Greedy(nil))
			if err != nil {
				t.Fatal(err)
			}
			if first == nil {
				first = got
			}
			if len(got.Tokens) != small.Length || !slices.Equal(got.Tokens, first.Tokens) || got.LogProbability != first.LogProbability {
				t.Errorf("%d threads: %+v, want %+v", threads, got, first)
			}
			if _, err := k.Say(saliencyAs(features), saliency, 2, -1, sdtg.Greedy(nil)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if first.LogProbability >= 0 || math.IsInf(first.LogProbability, 0) {
		t.Errorf("the sentence has log probability %v", first.LogProbability)
	}
	k := speaker(t, small, 1)
	end := first.Tokens[2]
	if short, err := k.Say(features, saliency, 1, end, sdtg.Greedy(nil)); err != nil || slices.Contains(short.Tokens, end) || len(short.Tokens) > 2 {
		t.Errorf("with token %d as the end: %+v, %v", end, short, err)
	}
	never := func(_ []int32, token int32) bool { return token != first.Tokens[0] }
	if other, err := k.Say(features, saliency, 1, -1, sdtg.Greedy(never)); err != nil || slices.Contains(other.Tokens, first.Tokens[0]) {
		t.Errorf("without token %d: %+v, %v", first.Tokens[0], other, err)
	}
}

func saliencyAs(features []float32) []float32 {
	other := slices.Clone(features)
	slices.Reverse(other)
	return other
}

func TestSayRefuses(t *testing.T) {
	k := speaker(t, small, 1)
	features, saliency := seen()
	for name, say := range map[string]func() (*sdtg.Sentence, error){
		"a class too many": func() (*sdtg.Sentence, error) { return k.Say(features, saliency, 4, 0, sdtg.Greedy(nil)) },
		"no class":         func() (*sdtg.Sentence, error) { return k.Say(features, saliency, -1, 0, sdtg.Greedy(nil)) },
		"few features":     func() (*sdtg.Sentence, error) { return k.Say(features[1:], saliency, 1, 0, sdtg.Greedy(nil)) },
		"few cells":        func() (*sdtg.Sentence, error) { return k.Say(features, saliency[1:], 1, 0, sdtg.Greedy(nil)) },
		"nothing allowed": func() (*sdtg.Sentence, error) {
			return k.Say(features, saliency, 1, 0, sdtg.Greedy(func([]int32, int32) bool { return false }))
		},
	} {
		if s, err := say(); err == nil {
			t.Errorf("%s: said %+v", name, s)
		}
	}
	weights := small.NewWeights(1)
	delete(weights, "decoder/tokens")
	if _, err := sdtg.NewSpeaker(small, weights, 1); err == nil {
		t.Error("a decoder without tokens speaks")
	}
	weights = small.NewWeights(1)
	weights["decoder/image"] = tensor.Zeros(tensor.Type{DType: tensor.Float32, Shape: tensor.Shape{5, 12}})
	if _, err := sdtg.NewSpeaker(small, weights, 1); err == nil {
		t.Error("a decoder with a weight of another shape speaks")
	}
}

// A sentence does not go in circles, however likely that is.
func TestGreedyRepeatsNothing(t *testing.T) {
	choose := sdtg.Greedy(nil)
	var said []int32
	for range 12 {
		said = append(said, choose([]float32{0.5, 1, 0.1}, said))
	}
	for length := 4; length <= 6; length++ {
		for i := 0; i+length <= len(said); i++ {
			for j := i + 1; j+length <= len(said); j++ {
				if slices.Equal(said[i:i+length], said[j:j+length]) {
					t.Errorf("%v says %v twice", said, said[i:i+length])
				}
			}
		}
	}
}

// toInt8 rounds the matrices of a decoder by their rows.
func toInt8(s sdtg.Shape, weights map[string]tensor.Tensor) map[string]tensor.Tensor {
	return s.Int8(weights, func(matrix []float32, rows int) ([]float32, []int8) {
		scales, integers := make([]float32, rows), make([]int8, len(matrix))
		columns := len(matrix) / rows
		for r := range scales {
			for _, v := range matrix[r*columns:][:columns] {
				scales[r] = max(scales[r], v/127, -v/127)
			}
			for i, v := range matrix[r*columns:][:columns] {
				integers[r*columns+i] = int8(math.RoundToEven(float64(v / scales[r])))
			}
		}
		return scales, integers
	})
}

// A decoder of int8 matrices says the same at every level, and expects nearly what
// the float one does.
func TestInt8Speaks(t *testing.T) {
	features, saliency := seen()
	logitsOf := func(weights map[string]tensor.Tensor) (all []float32, tokens []int32) {
		k, err := sdtg.NewSpeaker(small, weights, 1)
		if err != nil {
			t.Fatal(err)
		}
		defer k.Close()
		said, err := k.Say(features, saliency, 1, -1, func(logits []float32, before []int32) int32 {
			all = append(all, logits...)
			return int32(len(before) % small.Vocabulary)
		})
		if err != nil {
			t.Fatal(err)
		}
		return all, said.Tokens
	}
	float, _ := logitsOf(small.NewWeights(7))
	rounded := toInt8(small, small.NewWeights(7))
	var want []float32
	for _, level := range asm.Levels() {
		restore := asm.Force(level)
		got, _ := logitsOf(rounded)
		if want == nil {
			want = got
		}
		if !slices.Equal(got, want) {
			t.Errorf("level %v: other logits", level)
		}
		restore()
	}
	worst := 0.0
	for i := range want {
		worst = max(worst, math.Abs(float64(want[i]-float[i])))
	}
	if worst == 0 || worst > 0.05 {
		t.Errorf("rounding changes logits by %v", worst)
	}
	if again := toInt8(small, rounded); len(again) != len(rounded) {
		t.Errorf("rounded twice the decoder has %d weights, want %d", len(again), len(rounded))
	}
	delete(rounded, "decoder/tokens/scales")
	if _, err := sdtg.NewSpeaker(small, rounded, 1); err == nil {
		t.Error("an int8 matrix without scales speaks")
	}
}

func BenchmarkSay(b *testing.B) {
	s := sdtg.DefaultShape(1000, 30, 7, 7, 1280)
	for name, weights := range map[string]map[string]tensor.Tensor{"float": s.NewWeights(7), "int8": toInt8(s, s.NewWeights(7))} {
		b.Run(name, func(b *testing.B) {
			k, err := sdtg.NewSpeaker(s, weights, 1)
			if err != nil {
				b.Fatal(err)
			}
			defer k.Close()
			features, saliency := make([]float32, 49*1280), make([]float32, 49)
			tokens := 0
			for b.Loop() {
				said, err := k.Say(features, saliency, 1, -1, sdtg.Greedy(nil))
				if err != nil {
					b.Fatal(err)
				}
				tokens += len(said.Tokens)
			}
			b.ReportMetric(float64(tokens)/b.Elapsed().Seconds(), "tokens/s")
		})
	}
}

// One beam chooses as greedily as Say; more find sentences that are no less likely
// by what they are measured with, the same ones on any number of threads.
func TestSayBest(t *testing.T) {
	features, saliency := seen()
	k := speaker(t, small, 1)
	for end := range int32(small.Vocabulary) {
		greedy, err := k.Say(features, saliency, 1, end, sdtg.Greedy(nil))
		if err != nil {
			t.Fatal(err)
		}
		one, err := k.SayBest(features, saliency, 1, end, 1, nil)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(one.Tokens, greedy.Tokens) || math.Abs(one.LogProbability-greedy.LogProbability) > 1e-9 || !slices.EqualFunc(one.Shares, greedy.Shares, slices.Equal) {
			t.Errorf("end %d: one beam says %v (%v), greedy %v (%v)", end, one.Tokens, one.LogProbability, greedy.Tokens, greedy.LogProbability)
		}
		many, err := k.SayBest(features, saliency, 1, end, 5, nil)
		if err != nil {
			t.Fatal(err)
		}
		mean := func(s *sdtg.Sentence) float64 { return s.LogProbability / float64(len(s.Tokens)+1) }
		if slices.Contains(many.Tokens, end) || mean(many) < mean(one)-1e-9 {
			t.Errorf("end %d: five beams say %v (%v), one %v (%v)", end, many.Tokens, mean(many), one.Tokens, mean(one))
		}
		again, err := speaker(t, small, 7).SayBest(features, saliency, 1, end, 5, nil)
		if err != nil || !slices.Equal(again.Tokens, many.Tokens) || again.LogProbability != many.LogProbability {
			t.Errorf("end %d, 7 threads: %v, %v; want %v", end, again, err, many)
		}
	}
	nothing, err := k.SayBest(features, saliency, 1, 0, 3, func([]int32, int32) bool { return false })
	if err != nil || len(nothing.Tokens) != 0 {
		t.Errorf("with nothing allowed: %+v, %v", nothing, err)
	}
}

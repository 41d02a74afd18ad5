package train_test

import (
	"slices"
	"testing"

	"megl-edge/gradcam"
	"megl-edge/kernels/asm"
	"megl-edge/runtime/tensor"
	"megl-edge/sdtg"
	"megl-edge/sdtg/vocabulary"
	"megl-edge/train"
	"megl-edge/train/loss"
	"megl-edge/train/optim"
)

// words is a vocabulary of bytes.
func words(t *testing.T) *vocabulary.Vocabulary {
	t.Helper()
	v, err := vocabulary.Learn(nil, 300)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// endToken ends sentences in words.
const endToken = 2

// saidOf is the sentence of a class and a corner.
func saidOf(class, corner int) []int32 { return []int32{int32(10 + class), 20, int32(30 + corner)} }

// spoken is a batch of photos with a bright corner each; a sentence names the class
// and the corner, and ends.
func spoken(n *train.Network, photos int) train.Batch {
	b := randomBatch(n, photos)
	clear(b.Target)
	clear(b.MaskWeight)
	length := n.SentenceLength()
	b.Told = b.Class
	b.Tokens, b.TokenWeight = make([]int32, photos*length), make([]float32, photos*length)
	for i := range photos {
		corner, class := i%2, i/2%classes
		b.Class[i] = int32(class)
		for p := range side * side {
			y, x := p/side, p%side
			bright := uint8(40)
			if (x < side/2) == (corner == 0) && y < side/2 {
				bright = 220
			}
			for c := range 3 {
				b.Images[(i*side*side+p)*3+c] = bright + b.Images[(i*side*side+p)*3+c]/16
			}
		}
		for place, token := range append(saidOf(class, corner), endToken) {
			b.Tokens[i*length+place] = token
			b.TokenWeight[i*length+place] = 0.25 / float32(photos)
		}
	}
	return b
}

func speaking(t *testing.T, photos, threads int) (*train.Network, *train.Stepper) {
	t.Helper()
	n := prepared(t, train.Settings{Vocabulary: words(t), Seed: 2})
	s, err := train.NewStepper(n, train.StepOptions{Batch: photos, Losses: loss.Losses{LambdaTextual: 1}, Threads: threads})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return n, s
}

// A network learns to say where a photo is bright from sentences alone: no label and
// no mask counts. What the classifier sees changes with it.
func TestLearningFromSentences(t *testing.T) {
	if !manySteps() {
		t.Skip("60 steps take too long here")
	}
	n, s := speaking(t, 6, 0)
	batch := spoken(n, 6)
	before := valueOf(t, s, "stem/w")
	adamw, err := optim.New("adamw", 0)
	if err != nil {
		t.Fatal(err)
	}
	var first, last train.Terms
	for step := range 60 {
		terms, err := s.Run(batch)
		if err != nil {
			t.Fatal(err)
		}
		if step == 0 {
			first = terms
		}
		last = terms
		adamw.Step(3e-3, s.Parameters)
	}
	if first.Textual < 4 || last.Textual > 0.1*first.Textual || last.Total != last.Textual {
		t.Errorf("the loss went from %+v to %+v", first, last)
	}
	if after := valueOf(t, s, "stem/w"); string(after) == string(before) {
		t.Error("the first filter has not changed")
	}
	s.Store(n)
	checkSaid(t, n, batch)
}

// checkSaid lets the model of a network, read from its file, say the sentences of a
// batch.
func checkSaid(t *testing.T, n *train.Network, batch train.Batch) {
	t.Helper()
	m, err := n.Model()
	if err != nil {
		t.Fatal(err)
	}
	m = reloaded(t, m)
	defer m.Close()
	speaker, vocabulary, err := sdtg.Open(m, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer speaker.Close()
	if vocabulary.End != endToken {
		t.Fatalf("sentences end with token %d", vocabulary.End)
	}
	e, err := gradcam.NewExplainer(m, gradcam.Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	for i, class := range batch.Class {
		x, err := e.ExplainInput(batch.Images[i*side*side*3:][:side*side*3], int(class))
		if err != nil {
			t.Fatal(err)
		}
		said, err := speaker.Say(x.Features, x.Map.Values, x.Class, endToken, sdtg.Greedy(nil))
		if err != nil {
			t.Fatal(err)
		}
		if want := saidOf(int(class), i%2); !slices.Equal(said.Tokens, want) {
			t.Errorf("photo %d: the model says %v, want %v", i, said.Tokens, want)
		}
	}
}

func valueOf(t *testing.T, s *train.Stepper, name string) []byte {
	t.Helper()
	for _, p := range s.Parameters {
		if p.Name == name {
			return append([]byte(nil), tensor.Must(tensor.Of(tensor.Shape{len(p.Value)}, p.Value)).Data...)
		}
	}
	t.Fatalf("%q is not in training", name)
	return nil
}

// Steps with sentences have the same bytes at every level, with any threads.
func TestSentencesSameBytes(t *testing.T) {
	var want string
	for _, level := range asm.Levels() {
		for _, threads := range []int{1, 7} {
			restore := asm.Force(level)
			n, s := speaking(t, 2, threads)
			batch := spoken(n, 2)
			sgd := optim.NewSGD(0.9, 0)
			for range 2 {
				if _, err := s.Run(batch); err != nil {
					t.Fatal(err)
				}
				sgd.Step(0.05, s.Parameters)
			}
			got := weightSum(s, n)
			if want == "" {
				want = got
			}
			if got != want {
				t.Errorf("level %v, %d threads: other weights", level, threads)
			}
			restore()
		}
	}
}

// Where sentences do not count, the decoder stays as it is.
func TestDecoderThatDoesNotSpeak(t *testing.T) {
	n := prepared(t, train.Settings{Vocabulary: words(t)})
	s, err := train.NewStepper(n, train.StepOptions{Batch: 2, Losses: loss.Losses{Visual: loss.L1, LambdaVisual: 1}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, p := range s.Parameters {
		if len(p.Name) > 8 && p.Name[:8] == "decoder/" {
			t.Errorf("%q is in training", p.Name)
		}
	}
	if err := n.Freeze("backbone"); err != nil {
		t.Fatal(err)
	}
	frozen, err := train.NewStepper(n, train.StepOptions{Batch: 2, Losses: loss.Losses{LambdaTextual: 1}})
	if err != nil {
		t.Fatal(err)
	}
	defer frozen.Close()
	if len(frozen.Parameters) < 50 {
		t.Errorf("with a frozen backbone %d weights learn, want the decoder's and the last layer's", len(frozen.Parameters))
	}
	if _, err := train.NewStepper(prepared(t, train.Settings{}), train.StepOptions{Batch: 2, Losses: loss.Losses{LambdaTextual: 1}}); err == nil {
		t.Error("a network without decoder speaks")
	}
}

// A model that speaks goes on speaking when it is trained again, unless its classes
// change.
func TestDecoderIsKept(t *testing.T) {
	n := prepared(t, train.Settings{Vocabulary: words(t), Phrases: []string{"bright"}, Seed: 2})
	m, err := n.Model()
	if err != nil {
		t.Fatal(err)
	}
	m = reloaded(t, m)
	defer m.Close()
	again, err := train.Prepare(m, train.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	if !again.Speaks() || again.SentenceLength() != n.SentenceLength() {
		t.Fatal("the decoder is lost")
	}
	other, err := again.Model()
	if err != nil {
		t.Fatal(err)
	}
	if other.Vocabulary != m.Vocabulary || string(other.Decoder.Shape) != string(m.Decoder.Shape) {
		t.Errorf("the decoder became %s, was %s", other.Decoder.Shape, m.Decoder.Shape)
	}
	for name, w := range m.Decoder.Weights {
		if !slices.Equal(w.Data, other.Decoder.Weights[name].Data) {
			t.Errorf("%q has changed", name)
		}
	}
	labels := make([]string, len(m.Labels))
	for i := range labels {
		labels[i] = "other " + m.Labels[i]
	}
	if silent, err := train.Prepare(m, train.Settings{Labels: labels}); err != nil || silent.Speaks() {
		t.Errorf("with other classes it speaks on: %v", err)
	}
}

package sdtg_test

import (
	"strings"
	"testing"

	"megl-edge/runtime"
	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
	"megl-edge/sdtg"
)

var small = sdtg.Shape{Vocabulary: 11, Classes: 4, Height: 2, Width: 3, Channels: 5, Embedding: 12, Layers: 2, Heads: 3, Length: 6}

const photos = 2

// session compiles a decoder whose inputs are fed.
func session(t *testing.T) *runtime.Session {
	t.Helper()
	b := graph.NewBuilder()
	weights := small.NewWeights(7)
	logits, err := small.Logits(b, sdtg.Inputs{
		Features: b.Input("features", tensor.Type{DType: tensor.Float32, Shape: tensor.Shape{photos, 2, 3, 5}}),
		Saliency: b.Input("saliency", tensor.Type{DType: tensor.Float32, Shape: tensor.Shape{photos, 2, 3}}),
		Class:    b.Input("class", tensor.Type{DType: tensor.Int32, Shape: tensor.Shape{photos}}),
		Tokens:   b.Input("tokens", tensor.Type{DType: tensor.Int32, Shape: tensor.Shape{photos, 5}}),
	}, func(name string) graph.ID { return b.Constant(name, weights[name]) })
	if err != nil {
		t.Fatal(err)
	}
	b.Output("logits", logits)
	g, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	plan, err := runtime.Compile(g, runtime.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s := plan.NewSession(1)
	t.Cleanup(s.Close)
	for name, n := range map[string]int{"features": photos * 30, "saliency": photos * 6} {
		for i := range n {
			set(t, s, name, i, float32(i*i%17)/17)
		}
	}
	return s
}

func set[T float32 | int32](t *testing.T, s *runtime.Session, input string, at int, value T) {
	t.Helper()
	to, err := s.Input(input)
	if err != nil {
		t.Fatal(err)
	}
	tensor.Elements[T](to)[at] = value
}

// logits runs the decoder and returns what it expects, place by place.
func logits(t *testing.T, s *runtime.Session) [][]float32 {
	t.Helper()
	s.Run()
	value, err := s.Output("logits")
	if err != nil {
		t.Fatal(err)
	}
	if !value.Shape.Equal(tensor.Shape{photos, small.Length, small.Vocabulary}) {
		t.Fatalf("logits have shape %v", value.Shape)
	}
	var places [][]float32
	for all := tensor.Elements[float32](value); len(all) > 0; all = all[small.Vocabulary:] {
		places = append(places, append([]float32(nil), all[:small.Vocabulary]...))
	}
	return places
}

// changed returns the places, of all photos, whose logits differ.
func changed(before, after [][]float32) string {
	var places strings.Builder
	for i := range before {
		mark := "."
		for j := range before[i] {
			if before[i][j] != after[i][j] {
				mark = "x"
			}
		}
		places.WriteString(mark)
	}
	return places.String()
}

// What a decoder expects depends on all that it sees, and on nothing that comes
// later in the sentence or belongs to another photo.
func TestWhatLogitsDependOn(t *testing.T) {
	s := session(t)
	before := logits(t, s)
	for _, c := range []struct {
		what, want string
		change     func()
	}{
		{"the same again", "............", func() {}},
		{"token 2 of the first photo", "...xxx......", func() { set(t, s, "tokens", 2, int32(9)) }},
		{"the last token of the second photo", "...........x", func() { set(t, s, "tokens", 9, int32(3)) }},
		{"the class of the second photo", "......xxxxxx", func() { set(t, s, "class", 1, int32(2)) }},
		{"a cell of the second photo's map", "......xxxxxx", func() { set(t, s, "saliency", 8, float32(0.9)) }},
		{"the first photo's features", "xxxxxx......", func() { set(t, s, "features", 13, float32(-1)) }},
	} {
		c.change()
		after := logits(t, s)
		if got := changed(before, after); got != c.want {
			t.Errorf("%s changes %s, want %s", c.what, got, c.want)
		}
		before = after
	}
}

// Two cells may exchange their content, but not without the decoder seeing it.
func TestCellsHavePlaces(t *testing.T) {
	s := session(t)
	for i := range photos * 30 {
		set(t, s, "features", i, float32(i%5))
	}
	for i := range photos * 6 {
		set(t, s, "saliency", i, float32(0))
	}
	set(t, s, "saliency", 0, float32(1))
	before := logits(t, s)
	set(t, s, "saliency", 0, float32(0))
	set(t, s, "saliency", 5, float32(1))
	if got := changed(before, logits(t, s)); got != "xxxxxx......" {
		t.Errorf("the map's maximum in another cell changes %s", got)
	}
}

func TestShapeCheck(t *testing.T) {
	if err := sdtg.DefaultShape(1000, 30, 4, 4, 1280).Check(); err != nil {
		t.Error(err)
	}
	for name, change := range map[string]func(*sdtg.Shape){
		"no token":       func(s *sdtg.Shape) { s.Vocabulary = 0 },
		"heads":          func(s *sdtg.Shape) { s.Heads = 5 },
		"cells":          func(s *sdtg.Shape) { s.Height, s.Width = 1<<12, 2 },
		"a long word":    func(s *sdtg.Shape) { s.Length = 1 << 20 },
		"no layer":       func(s *sdtg.Shape) { s.Layers = 0 },
		"negative class": func(s *sdtg.Shape) { s.Classes = -1 },
	} {
		s := small
		change(&s)
		if s.Check() == nil {
			t.Errorf("%s: %+v is taken", name, s)
		}
	}
}

// The default decoder for 30 classes stays far below two million weights.
func TestParameters(t *testing.T) {
	s := sdtg.DefaultShape(1000, 30, 4, 4, 1280)
	count, seen := 0, map[string]bool{}
	for _, p := range s.Parameters() {
		if seen[p.Name] {
			t.Errorf("%q occurs twice", p.Name)
		}
		seen[p.Name] = true
		count += p.Shape.Elements()
	}
	if count > 1_200_000 {
		t.Errorf("%d weights", count)
	}
	first, again, other := s.NewWeights(1), s.NewWeights(1), s.NewWeights(2)
	for name, value := range first {
		if string(value.Data) != string(again[name].Data) {
			t.Errorf("%q differs between two draws", name)
		}
	}
	if string(first["decoder/tokens"].Data) == string(other["decoder/tokens"].Data) {
		t.Error("another seed gives the same tokens")
	}
}

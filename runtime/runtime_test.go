package runtime_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"megl-edge/kernels/asm"
	"megl-edge/runtime"
	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

var networks = []struct {
	name  string
	build func(testing.TB) *graph.Graph
}{
	{"float32", floatNet},
	{"int8 per channel", func(t testing.TB) *graph.Graph { return int8Net(t, 0) }},
	{"int8 with weight zero point", func(t testing.TB) *graph.Graph { return int8Net(t, 9) }},
}

// compile fails the test where a graph cannot be compiled.
func compile(t testing.TB, g *graph.Graph, outputs ...string) *runtime.Plan {
	t.Helper()
	p, err := runtime.Compile(g, runtime.Options{Outputs: outputs})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// fill writes a pattern into the image.
func fill(t testing.TB, s *runtime.Session, seed int) {
	t.Helper()
	image, err := s.Input("image")
	if err != nil {
		t.Fatal(err)
	}
	for i := range image.Data {
		image.Data[i] = byte((i*i + i*seed) >> 3)
	}
}

// result returns the bytes of all outputs of a run.
func result(t testing.TB, s *runtime.Session, outputs []graph.Output) []byte {
	t.Helper()
	s.Run()
	var all []byte
	for _, o := range outputs {
		value, err := s.Output(o.Name)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, value.Data...)
	}
	return all
}

// Every level and every number of threads gives the same bytes.
func TestSameBytesEverywhere(t *testing.T) {
	for _, network := range networks {
		t.Run(network.name, func(t *testing.T) {
			g := network.build(t)
			var want []byte
			for _, level := range asm.Levels() {
				for _, threads := range []int{1, 2, 7} {
					restore := asm.Force(level)
					s := compile(t, g).NewSession(threads)
					fill(t, s, 5)
					got := result(t, s, g.Outputs())
					s.Close()
					restore()
					if want == nil {
						want = got
					}
					if !bytes.Equal(got, want) {
						t.Fatalf("level %v with %d threads differs from level ref with 1", level, threads)
					}
				}
			}
			logits := tensor.View[float32](want[:4*17])
			if slices.Max(logits) == slices.Min(logits) {
				t.Fatalf("all logits are %v: the network computes nothing", logits[0])
			}
		})
	}
}

// Fusing and sharing memory change no bit: every value computed as an output of
// its own gives the same result.
func TestFusionChangesNothing(t *testing.T) {
	for _, network := range networks {
		t.Run(network.name, func(t *testing.T) {
			g := network.build(t)
			b := graph.Extend(g)
			for id, n := range g.Nodes() {
				if n.Op != graph.OpConstant && n.Op != graph.OpInput {
					b.Output(fmt.Sprintf("node %d", id), id)
				}
			}
			exposed := build(t, b)
			plain := compile(t, exposed).NewSession(1)
			defer plain.Close()
			fused := compile(t, g).NewSession(1)
			defer fused.Close()
			fill(t, plain, 3)
			fill(t, fused, 3)
			want, got := result(t, plain, g.Outputs()), result(t, fused, g.Outputs())
			if network.name == "float32" {
				// The exposed factor of the batch normalisation is not folded.
				closeEnough(t, got, want)
				return
			}
			if !bytes.Equal(got, want) {
				t.Fatal("the fused plan gives another result")
			}
		})
	}
}

func closeEnough(t *testing.T, got, want []byte) {
	t.Helper()
	a, b := tensor.View[float32](got), tensor.View[float32](want)
	for i := range a {
		if d := a[i] - b[i]; d > 1e-3 || d < -1e-3 {
			t.Fatalf("element %d is %v, want about %v", i, a[i], b[i])
		}
	}
}

func TestFusedLayers(t *testing.T) {
	layers := map[string]runtime.Layer{}
	for _, l := range append(compile(t, floatNet(t)).Layers(), compile(t, int8Net(t, 0)).Layers()...) {
		layers[l.Name+" "+l.Output.DType.String()] = l
	}
	for name, want := range map[string][]graph.Op{
		"stem/relu6 F32":     {graph.OpClamp},
		"block F32":          {graph.OpAdd, graph.OpClamp},
		"depthwise/relu F32": {graph.OpClamp},
		"block I8":           {graph.OpQuantAdd},
		"quantize I8":        {graph.OpQuantize},
		"stem I8":            nil,
	} {
		if l, ok := layers[name]; !ok || !slices.Equal(l.Fused, want) {
			t.Errorf("layer %q fuses %v (found: %v), want %v", name, l.Fused, ok, want)
		}
	}
}

// What is fused to another node is not computed a second time.
func TestNothingIsComputedTwice(t *testing.T) {
	for _, network := range networks {
		for _, l := range compile(t, network.build(t)).Layers() {
			if l.Op == graph.OpAdd || l.Op == graph.OpClamp || l.Op == graph.OpQuantAdd {
				t.Errorf("%s: %s %q is a step of its own", network.name, l.Op, l.Name)
			}
		}
	}
}

func TestRunAllocatesNothing(t *testing.T) {
	for _, network := range networks {
		for _, threads := range []int{1, 2} {
			s := compile(t, network.build(t)).NewSession(threads)
			fill(t, s, 1)
			if n := testing.AllocsPerRun(20, s.Run); n != 0 {
				t.Errorf("%s with %d threads: %v allocations a run", network.name, threads, n)
			}
			s.Close()
		}
	}
}

// A session gives the same result again, and after another image: no value is
// left from the run before.
func TestRunsAreIndependent(t *testing.T) {
	for _, network := range networks {
		g := network.build(t)
		s := compile(t, g).NewSession(2)
		fill(t, s, 1)
		first := result(t, s, g.Outputs())
		again := result(t, s, g.Outputs())
		fill(t, s, 2)
		other := result(t, s, g.Outputs())
		fill(t, s, 1)
		back := result(t, s, g.Outputs())
		s.Close()
		if !bytes.Equal(first, again) || !bytes.Equal(first, back) {
			t.Errorf("%s: the same image gives another result", network.name)
		}
		if bytes.Equal(first, other) {
			t.Errorf("%s: another image gives the same result", network.name)
		}
	}
}

func TestOutputsAreSelected(t *testing.T) {
	all, one := compile(t, floatNet(t)), compile(t, floatNet(t), "logits")
	if len(one.Layers()) != len(all.Layers())-1 {
		t.Fatalf("%d layers for the logits alone, %d for all", len(one.Layers()), len(all.Layers()))
	}
	_, err := runtime.Compile(floatNet(t), runtime.Options{Outputs: []string{"saliency"}})
	if err == nil || !strings.Contains(err.Error(), `no output "saliency"`) {
		t.Fatalf("unknown output: %v", err)
	}
}

func TestMemoryIsShared(t *testing.T) {
	m := compile(t, floatNet(t)).Memory()
	if m.Arena >= m.Values {
		t.Fatalf("the arena takes %d bytes, all values side by side %d", m.Arena, m.Values)
	}
}

func TestMemoryLimit(t *testing.T) {
	_, err := runtime.Compile(floatNet(t), runtime.Options{MemoryLimit: 1000})
	if err == nil || !strings.Contains(err.Error(), "limit") {
		t.Fatalf("a limit of 1000 bytes gave %v", err)
	}
}

func TestErrorsNameTheNode(t *testing.T) {
	n := newNetwork(1)
	int8s := func(name string, shape ...int) graph.ID {
		return n.Input(name, tensor.Type{DType: tensor.Int8, Shape: shape, Quant: tensor.PerTensor(1, 0)})
	}
	at := graph.QuantConv{Conv: square(1, 0, 1), Output: graph.QuantizedTo(1, 0)}
	n.Output("y", n.Apply(graph.OpQuantConv, "the layer", at, int8s("image", 1, 4, 4, 2), int8s("filter", 2, 1, 1, 2)))
	_, err := runtime.Compile(build(t, n.Builder), runtime.Options{})
	if err == nil || !strings.Contains(err.Error(), `"the layer"`) {
		t.Fatalf("a filter that is no constant: %v", err)
	}
}

func BenchmarkRun(b *testing.B) {
	for _, network := range networks {
		b.Run(strings.ReplaceAll(network.name, " ", "_"), func(b *testing.B) {
			s := compile(b, network.build(b)).NewSession(1)
			defer s.Close()
			fill(b, s, 1)
			for b.Loop() {
				s.Run()
			}
		})
	}
}

// A few bytes of graph cannot make a plan compute constants without end.
func TestFoldedConstantsAreLimited(t *testing.T) {
	b := graph.NewBuilder()
	y := b.Constant("seed", tensor.Scalar[float32](1))
	sum := graph.None
	for range 40 {
		wide := b.Apply(graph.OpBroadcast, "", graph.Shape{Shape: tensor.Shape{1 << 20}}, y)
		y = b.Apply(graph.OpReduceSum, "", graph.Reduce{Axes: []int{0}}, wide)
		sum = wide
	}
	b.Output("y", sum)
	g, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := runtime.Compile(g, runtime.Options{MemoryLimit: 16 << 20}); err == nil || !strings.Contains(err.Error(), "constants computed from others") {
		t.Errorf("error is %v", err)
	}
}

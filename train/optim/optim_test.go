package optim_test

import (
	"math"
	"runtime"
	"slices"
	"testing"

	"megl-edge/train/optim"
)

func parameters(n int) []optim.Parameter {
	var list []optim.Parameter
	state := uint32(7)
	values := func(n int) []float32 {
		v := make([]float32, n)
		for i := range v {
			state = state*1664525 + 1013904223
			v[i] = float32(int32(state)>>8) / (1 << 22)
		}
		return v
	}
	for i, size := range []int{n, 3, 70000} {
		list = append(list, optim.Parameter{Name: string(rune('a' + i)), Value: values(size), Gradient: values(size), Decay: i != 1})
	}
	return list
}

// The optimizers follow their formulas in float64, within rounding.
func TestSGDFollowsItsFormula(t *testing.T) {
	p := parameters(5)
	value, velocity := float64(p[0].Value[2]), 0.0
	o := optim.NewSGD(0.9, 0.01)
	for range 4 {
		velocity = 0.9*velocity + float64(p[0].Gradient[2]) + 0.01*value
		value -= 0.1 * velocity
		o.Step(0.1, p)
	}
	near(t, "value", float64(p[0].Value[2]), value)
	near(t, "velocity", float64(o.State(p, 0)["velocity"][2]), velocity)
}

func TestAdamWFollowsItsFormula(t *testing.T) {
	p := parameters(5)
	value, m, s := float64(p[0].Value[1]), 0.0, 0.0
	o := optim.NewAdamW(0.05)
	for step := 1; step <= 5; step++ {
		g := float64(p[0].Gradient[1])
		m, s = 0.9*m+0.1*g, 0.999*s+0.001*g*g
		value -= 0.01 * 0.05 * value
		value -= 0.01 * (m / (1 - math.Pow(0.9, float64(step)))) / (math.Sqrt(s/(1-math.Pow(0.999, float64(step)))) + 1e-8)
		o.Step(0.01, p)
	}
	near(t, "value", float64(p[0].Value[1]), value)
}

// Biases do not shrink.
func TestDecayIsOnlyForFilters(t *testing.T) {
	p := parameters(4)
	clear(p[0].Gradient)
	clear(p[1].Gradient)
	before, bias := slices.Clone(p[0].Value), slices.Clone(p[1].Value)
	optim.NewAdamW(0.5).Step(0.1, p)
	near(t, "filter", float64(p[0].Value[0]), float64(before[0])*0.95)
	if !slices.Equal(p[1].Value, bias) {
		t.Errorf("the bias went from %v to %v without a gradient", bias, p[1].Value)
	}
}

func near(t *testing.T, name string, got, want float64) {
	t.Helper()
	if math.Abs(got-want) > 1e-5*math.Abs(want) {
		t.Errorf("%s is %v, want %v", name, got, want)
	}
}

// Steps give the same bytes on any number of processors, and continue from their
// state.
func TestStepsAreReproducible(t *testing.T) {
	for _, name := range []string{"sgd", "adamw"} {
		run := func(processors, pause int) []optim.Parameter {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(processors))
			p := parameters(200001)
			o, err := optim.New(name, 0.01)
			if err != nil {
				t.Fatal(err)
			}
			for step := range 6 {
				if step == pause {
					resumed, _ := optim.New(name, 0.01)
					resumed.SetSteps(o.Steps())
					for i := range p {
						from := o.State(p, i)
						for key, to := range resumed.State(p, i) {
							copy(to, from[key])
						}
					}
					o = resumed
				}
				o.Step(0.01, p)
			}
			return p
		}
		want := run(1, -1)
		for _, got := range [][]optim.Parameter{run(3, -1), run(7, 2)} {
			for i := range want {
				if !slices.Equal(got[i].Value, want[i].Value) {
					t.Errorf("%s: parameter %d differs", name, i)
				}
			}
		}
	}
	if _, err := optim.New("adam", 0); err == nil {
		t.Error("an unknown optimizer was accepted")
	}
}

func TestNorm(t *testing.T) {
	p := []optim.Parameter{{Value: make([]float32, 2), Gradient: []float32{3, 0}}, {Value: make([]float32, 1), Gradient: []float32{4}}}
	if norm, damaged := optim.Norm(p); norm != 5 || damaged != -1 {
		t.Errorf("norm %v, damaged %d, want 5 and none", norm, damaged)
	}
	optim.Scale(p, 0.5)
	if norm, _ := optim.Norm(p); norm != 2.5 {
		t.Errorf("norm %v after halving, want 2.5", norm)
	}
	p[1].Gradient[0] = float32(math.NaN())
	if _, damaged := optim.Norm(p); damaged != 1 {
		t.Errorf("damaged parameter %d, want 1", damaged)
	}
}

func TestSchedule(t *testing.T) {
	s := optim.Schedule{Rate: 0.5, Warmup: 10, Total: 110}
	for step, want := range map[int]float64{0: 0.05, 9: 0.5, 10: 0.5, 60: 0.25, 85: 0.25 * (1 + math.Cos(0.75*math.Pi)), 109: 0.25 * (1 + math.Cos(0.99*math.Pi)), 110: 0} {
		if got := float64(s.At(step)); math.Abs(got-want) > 1e-7 {
			t.Errorf("step %d: rate %v, want %v", step, got, want)
		}
	}
}

func TestAverage(t *testing.T) {
	p := parameters(3)
	start := p[0].Value[0]
	a := optim.NewAverage(0.75, p)
	p[0].Value[0] += 4
	a.Add(p)
	near(t, "average", float64(a.Values[0][0]), float64(start)+1)
}

package experiment

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"testing"

	"megl-edge/train/evaluate"
	"megl-edge/train/loss"
)

func TestParseArms(t *testing.T) {
	arms, err := ParseArms("none, l1,l1+vedc=0.5,none+text,res-g+vedc+text,haics+constant,none+text+features", 2)
	if err != nil || len(arms) != 7 {
		t.Fatal(arms, err)
	}
	for i, want := range []Arm{
		{Name: "none"},
		{Name: "l1", Losses: loss.Losses{Visual: loss.L1, LambdaVisual: 2}},
		{Name: "l1+vedc=0.5", Losses: loss.Losses{Visual: loss.L1, LambdaVisual: 0.5, Consistency: true}},
		{Name: "none+text", Losses: loss.Losses{LambdaTextual: 2}},
		{Name: "res-g+vedc+text", Losses: loss.Losses{Visual: loss.RESG, LambdaVisual: 2, Consistency: true, LambdaTextual: 2}},
		{Name: "haics+constant", Losses: loss.Losses{Visual: loss.HAICS, LambdaVisual: 2}, ConstantWeights: true},
		{Name: "none+text+features", Losses: loss.Losses{LambdaTextual: 2}, ThroughFeatures: true},
	} {
		if arms[i] != want {
			t.Errorf("arm %d is %+v, want %+v", i, arms[i], want)
		}
	}
	for _, wrong := range []string{"", "l1,l1", "l2", "none+vedc", "none=1", "none+constant", "none+features", "none+text+vedc", "l1=0", "l1=x", "l1+map", "l1=nan"} {
		if _, err := ParseArms(wrong, 1); err == nil {
			t.Errorf("%q is taken", wrong)
		}
	}
}

func TestFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "runs.jsonl")
	open := func(s Settings) (*File, error) { return OpenFile(path, s) }
	f, err := open(Settings{Side: 32})
	if err != nil {
		t.Fatal(err)
	}
	run := Run{Arm: "l1", Seed: 3, Scores: &evaluate.Scores{Accuracy: &evaluate.Score{Value: 0.5}}}
	if err := errors.Join(f.Append(run), f.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := open(Settings{Side: 64}); !errors.Is(err, ErrOtherSettings) {
		t.Errorf("another size is taken: %v", err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	// Whatever part of the last line was written, the run before it stays.
	for cut := range len(`{"arm":"none"`) {
		if err := os.WriteFile(path, append(content[:len(content):len(content)], `{"arm":"none"`[:cut]...), 0o600); err != nil {
			t.Fatal(err)
		}
		f, err := open(Settings{Side: 32})
		if err != nil || len(f.Runs) != 1 || f.Runs[0].Seed != 3 {
			t.Fatalf("cut at %d: %+v, %v", cut, f, err)
		}
		f.Close()
		if after, err := os.ReadFile(path); err != nil || string(after) != string(content) {
			t.Errorf("cut at %d: the file holds %q", cut, after)
		}
	}
	if err := os.WriteFile(path, []byte("notes"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := open(Settings{}); !errors.Is(err, ErrOtherSettings) {
		t.Errorf("a file of notes is taken: %v", err)
	}
	if after, _ := os.ReadFile(path); string(after) != "notes" {
		t.Errorf("a file of notes became %q", after)
	}
}

func TestCompare(t *testing.T) {
	arms := []Arm{{Name: "none"}, {Name: "l1"}}
	var runs []Run
	for seed, values := range [][2]float64{{0.5, 0.6}, {0.7, 0.9}, {0.6, 0.6}} {
		for i, arm := range arms {
			runs = append(runs, Run{Arm: arm.Name, Seed: uint64(seed), Scores: &evaluate.Scores{Accuracy: &evaluate.Score{Value: values[i]}}})
		}
	}
	rows := Compare(arms, runs)
	near := func(got Interval, mean, half float64) bool {
		return math.Abs(got.Mean-mean) < 1e-12 && math.Abs(got.Low-(mean-half)) < 1e-12 && math.Abs(got.High-(mean+half)) < 1e-12
	}
	// Differences 0.1, 0.2, 0: their standard deviation is 0.1.
	if got := rows[1].Gains["accuracy"]; !near(got, 0.1, 4.303*0.1/math.Sqrt(3)) {
		t.Errorf("the gain is %+v", got)
	}
	if got := rows[0].Means["accuracy"]; !near(got, 0.6, 4.303*0.1/math.Sqrt(3)) {
		t.Errorf("the mean is %+v", got)
	}
	if _, ok := rows[1].Gains["mean IoU"]; ok || rows[0].Gains != nil {
		t.Errorf("scores that no run has: %+v", rows)
	}
}

// Known points of Student's distribution.
func TestStudentT(t *testing.T) {
	for degrees, want := range map[int]float64{1: 12.706, 4: 2.776, 20: 2.086, 21: 2.0796, 30: 2.0423, 60: 2.0003, 120: 1.9799} {
		if got := studentT(degrees); math.Abs(got-want) > 5e-4 {
			t.Errorf("%d degrees of freedom: %v, want %v", degrees, got, want)
		}
	}
}

package train_test

import (
	"bytes"
	"math"
	"reflect"
	"strings"
	"testing"

	"megl-edge/runtime/model"
	"megl-edge/train"
)

// The model file keeps the prior that the run held maps to,
// and a file with a wrong one is refused.
func TestPriorIsInTheModelFile(t *testing.T) {
	o := options()
	o.Epochs = 1
	m, err := trained(t, drawn(t, 0, 60), o, train.Hooks{}).Model()
	if err != nil {
		t.Fatal(err)
	}
	if m.Prior == nil || m.Prior.Height != 4 || m.Prior.Width != 4 {
		t.Fatalf("the prior is %+v", m.Prior)
	}
	sum := 0.0
	for _, v := range m.Prior.All {
		sum += float64(v)
	}
	if math.Abs(sum-1) > 1e-6 {
		t.Errorf("the prior adds up to %v", sum)
	}
	if p := m.Prior.Classes; len(p) != 3 || p[0] == nil || p[2] != nil {
		t.Errorf("priors of classes are %v: discs have 7 masks, nothing has none", p)
	}
	var file bytes.Buffer
	if err := m.Write(&file); err != nil {
		t.Fatal(err)
	}
	loaded, err := model.Parse(file.Bytes())
	if err != nil || !reflect.DeepEqual(loaded.Prior, m.Prior) {
		t.Errorf("the file has the prior %+v: %v", loaded.Prior, err)
	}
	for what, prior := range map[string]model.Prior{
		"heat map has shape": {Height: 2, Width: 8, All: m.Prior.All},
		"no distribution":    {Height: 4, Width: 4, All: []float32{1}},
		"has 1 classes":      {Height: 4, Width: 4, All: m.Prior.All, Classes: [][]float32{nil}},
	} {
		m.Prior = &prior
		if err := m.Check(); err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("want %q: %v", what, err)
		}
	}
}

func TestRunWithoutConsistencyHasNoPrior(t *testing.T) {
	o := options()
	o.Epochs, o.Losses.Consistency = 1, false
	m, err := trained(t, drawn(t, 0, 8), o, train.Hooks{}).Model()
	if err != nil || m.Prior != nil {
		t.Errorf("the prior is %+v: %v", m.Prior, err)
	}
}

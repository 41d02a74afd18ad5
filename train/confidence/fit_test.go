package confidence

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"megl-edge/runtime/tensor"
)

// Labels drawn with the probabilities of logits at a temperature give that
// temperature back.
func TestTemperature(t *testing.T) {
	for _, want := range []float64{0.5, 1, 2.5} {
		random := rand.New(rand.NewPCG(1, 2))
		var logits [][]float32
		var classes []int
		for range 20000 {
			row := make([]float32, 4)
			sum := 0.0
			for i := range row {
				row[i] = float32(6 * random.Float64())
				sum += math.Exp(float64(row[i]) / want)
			}
			at, class := random.Float64()*sum, 0
			for ; class < 3; class++ {
				if at -= math.Exp(float64(row[class]) / want); at < 0 {
					break
				}
			}
			logits, classes = append(logits, row), append(classes, class)
		}
		if got := float64(temperature(logits, classes)); math.Abs(got/want-1) > 0.05 {
			t.Errorf("temperature %v, want %v", got, want)
		}
	}
	// Where every label is the likeliest the search ends at its border.
	if got := temperature([][]float32{{1, 0}}, []int{0}); math.Abs(float64(got)-math.Exp(coldest)) > 1e-3 {
		t.Errorf("of sure labels %v", got)
	}
}

func TestDirections(t *testing.T) {
	d := newDirections(2, 2)
	d.add([]float32{3, 4}, 1)
	d.add([]float32{0, 0}, 1) // has no direction
	d.add([]float32{8, 6}, 1)
	r := float32(math.Sqrt(0.5))
	got := tensor.Elements[float32](d.tensor())
	if !slices.Equal(got[:2], []float32{0, 0}) || math.Abs(float64(got[2]-r)) > 1e-6 || math.Abs(float64(got[3]-r)) > 1e-6 {
		t.Errorf("directions %v", got)
	}
}

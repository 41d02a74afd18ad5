package calibration_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"megl-edge/quant/calibration"
)

func TestPerChannelByHand(t *testing.T) {
	values := []float32{
		-127, 2.5, 3.5, -0.5, // scale 1, ties go to even
		0, 0, 0, 0,
		63.5, -31.75, 0.25, 0, // scale 1/2; 63.5 and 0.5 are ties
	}
	scales, rounded := calibration.PerChannel(values, 3, 8)
	if want := []float32{1, 1, 0.5}; !slices.Equal(scales, want) {
		t.Errorf("scales %v, want %v", scales, want)
	}
	if want := []int8{-127, 2, 4, 0, 0, 0, 0, 0, 127, -64, 0, 0}; !slices.Equal(rounded, want) {
		t.Errorf("rounded %v, want %v", rounded, want)
	}
}

func TestSevenBits(t *testing.T) {
	scales, rounded := calibration.PerChannel([]float32{126, -126, 5, 1}, 1, 7)
	if scales[0] != 2 || !slices.Equal(rounded, []int8{63, -63, 2, 0}) {
		t.Errorf("scale %v, rounded %v", scales[0], rounded)
	}
}

func TestNoChannels(t *testing.T) {
	if scales, rounded := calibration.PerChannel(nil, 0, 8); len(scales) != 0 || len(rounded) != 0 {
		t.Errorf("scales %v, rounded %v", scales, rounded)
	}
}

// TestAnyWeights: every weight comes back to within half a step, the greatest as
// the greatest integer, whatever the magnitude.
func TestAnyWeights(t *testing.T) {
	random := rand.New(rand.NewPCG(10, 1))
	for round := range 200 {
		bits := 7 + round%2
		most := int8(1)<<(bits-1) - 1
		values := make([]float32, 20)
		for i := range values {
			values[i] = float32(math.Ldexp(2*random.Float64()-1, round-100))
		}
		scales, rounded := calibration.PerChannel(values, 4, bits)
		for c, scale := range scales {
			if scale < 0x1p-126 {
				t.Fatalf("scale %v of %v", scale, values)
			}
			channel := rounded[5*c:][:5]
			if low, high := slices.Min(channel), slices.Max(channel); low < -most || max(high, -low) != most && scale > 0x1p-60 {
				t.Fatalf("%d bits: %v of %v", bits, channel, values[5*c:][:5])
			}
			for i, q := range channel {
				if d := float64(values[5*c+i]) - float64(q)*float64(scale); math.Abs(d) > 0.5001*float64(scale) {
					t.Fatalf("%v becomes %d of %v", values[5*c+i], q, scale)
				}
			}
		}
	}
}

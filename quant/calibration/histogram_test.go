package calibration

import (
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
)

func observed(t *testing.T, values []float32) *histogram {
	t.Helper()
	o := NewObserver(MinMax)
	if err := o.Observe(values); err != nil {
		t.Fatal(err)
	}
	return &o.seen
}

func TestBinsByHand(t *testing.T) {
	// The greatest magnitude, 2, needs 2^exponent = 4: a bin is 4/2048 wide.
	const width = 4.0 / half
	negativeZero := float32(math.Copysign(0, -1))
	h := observed(t, []float32{-2, 2, 0, negativeZero, width, -width, width / 2, -width / 2})
	if h.width() != width || h.total != 8 || h.zeros != 2 {
		t.Errorf("width %v of %d values, %d zeros; want %v of 8, 2", h.width(), h.total, h.zeros, width)
	}
	want := map[int]uint64{
		half + half/2: 1, half - 1 - half/2: 1, // ±2
		half: 3, half - 1: 1, // the zeros and ±width/2
		half + 1: 1, half - 2: 1, // ±width
	}
	for i, n := range h.counts {
		if n != want[i] {
			t.Errorf("bin %d holds %d, want %d", i-half, n, want[i])
		}
	}
	if first, end := h.used(); first != half-1-half/2 || end != half+1+half/2 {
		t.Errorf("bins %d to %d are used", first-half, end-half)
	}
}

// TestAnyOrderAndCutGiveOneHistogram feeds values over a hundred octaves, many of
// them powers of two, which lie on the edges of bins.
func TestAnyOrderAndCutGiveOneHistogram(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	for round := range 40 {
		values := make([]float32, 1+random.IntN(500))
		for i := range values {
			values[i] = anyFloat(random, 1+random.IntN(100))
		}
		want := observed(t, values)
		random.Shuffle(len(values), func(i, j int) { values[i], values[j] = values[j], values[i] })
		o := NewObserver(MinMax)
		for rest := values; len(rest) > 0; {
			n := random.IntN(len(rest) + 1)
			if err := o.Observe(rest[:n]); err != nil {
				t.Fatal(err)
			}
			rest = rest[n:]
		}
		if o.seen != *want {
			t.Fatalf("round %d: the histogram depends on order or cut", round)
		}
		if sum := sumOf(want.counts[:]); sum != uint64(len(values)) {
			t.Fatalf("round %d: %d of %d values are counted", round, sum, len(values))
		}
	}
}

// anyFloat returns zeros, powers of two and others within the given octaves.
func anyFloat(random *rand.Rand, octaves int) float32 {
	v := math.Ldexp(1, random.IntN(octaves)-octaves/2)
	switch random.IntN(8) {
	case 0:
		return 0
	case 1, 2:
		return float32(v)
	case 3, 4:
		return float32(-v)
	}
	return float32(float64(2*random.Float32()-1) * v)
}

func sumOf(counts []uint64) (sum uint64) {
	for _, n := range counts {
		sum += n
	}
	return sum
}

func TestBinsHoldTheirValues(t *testing.T) {
	random := rand.New(rand.NewPCG(2, 1))
	for range 300 {
		v := math.Float32frombits(random.Uint32())
		if v-v != 0 || v == 0 {
			continue
		}
		h := observed(t, []float32{v})
		i := slices.Index(h.counts[:], 1)
		if from, to := h.edge(i), h.edge(i+1); float64(v) < from || float64(v) > to {
			t.Errorf("%v is in the bin from %v to %v", v, from, to)
		}
		if first, end := h.used(); i != first && i != end-1 {
			t.Errorf("%v is in bin %d, outermost are %d and %d", v, i, first, end-1)
		}
		if i >= half/2 && i < half+half/2 {
			t.Errorf("%v is in bin %d: the bins are wider than they need be", v, i-half)
		}
	}
}

// TestErrorArea compares the closed form to a sum of many thin slices.
func TestErrorArea(t *testing.T) {
	const slices, lo, hi = 1 << 12, -3.0, 5.0
	for _, to := range []float64{-7, -3.25, -0.5, 0, 0.25, 0.5, 0.75, 1, 4.875, 5.5, 9} {
		sum := 0.0
		for i := range slices {
			x := to * (float64(i) + 0.5) / slices
			d := x - min(max(math.RoundToEven(x), lo), hi)
			sum += d * d * to / slices
		}
		if got := errorArea(to, lo, hi); math.Abs(got-sum) > 1e-5 {
			t.Errorf("area up to %v: %v, want %v", to, got, sum)
		}
	}
}

func TestMemory(t *testing.T) {
	if size := reflect.TypeFor[Observer]().Size(); size > 33<<10 {
		t.Errorf("an observer takes %d bytes", size)
	}
	o, values := NewObserver(Entropy), []float32{1, -2, 3}
	allocations := testing.AllocsPerRun(10, func() {
		if err := o.Observe(values); err != nil {
			t.Fatal(err)
		}
	})
	if allocations != 0 {
		t.Errorf("Observe allocates %v times", allocations)
	}
}

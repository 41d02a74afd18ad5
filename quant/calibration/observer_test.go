package calibration_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"megl-edge/kernels/asm"
	"megl-edge/quant/calibration"
	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

func observe(t *testing.T, m calibration.Method, values ...float32) *calibration.Observer {
	t.Helper()
	o := calibration.NewObserver(m)
	if err := o.Observe(values); err != nil {
		t.Fatal(err)
	}
	return o
}

// heavy returns n values with heavy tails, cubes of sums of uniform ones, without
// any function that differs between processors.
func heavy(seed uint64, n int) []float32 {
	random := rand.New(rand.NewPCG(seed, 7))
	values := make([]float32, n)
	for i := range values {
		x := random.Float32() + random.Float32() + random.Float32() + random.Float32() - 2
		values[i] = x * x * x
	}
	return values
}

func rectified(values []float32) []float32 {
	values = slices.Clone(values)
	for i, v := range values {
		values[i] = max(0, v)
	}
	return values
}

func TestMinMaxByHand(t *testing.T) {
	cases := []struct {
		name   string
		values []float32
		want   graph.Quantized
	}{
		{"both signs", []float32{-128, 3, 127}, graph.QuantizedTo(1, 0)},
		{"one-sided", []float32{0, 255, 17}, graph.QuantizedTo(1, -128)},
		{"below 0", []float32{-510, -2}, graph.QuantizedTo(2, 127)},
		{"0 is added", []float32{510, 500}, graph.QuantizedTo(2, -128)},
		{"constant", []float32{63.75, 63.75}, graph.QuantizedTo(0.25, -128)},
		{"constant below 0", []float32{-63.75}, graph.QuantizedTo(0.25, 127)},
		{"zero point is rounded", []float32{-1, 2}, graph.QuantizedTo(3.0/255, -43)},
		{"zero point is a tie", []float32{-63.75, 63.75}, graph.QuantizedTo(0.5, 0)},
		{"zero point is nearly a tie", []float32{-1, 1}, graph.QuantizedTo(2.0/255, -1)},
		{"zeros", []float32{0, 0}, graph.QuantizedTo(1, 0)},
		{"nothing", nil, graph.QuantizedTo(1, 0)},
		{"denormal", []float32{1e-45, -1e-40}, graph.QuantizedTo(0x1p-60, -128)},
		{"huge", []float32{-0x1p127, 0x1p127}, graph.QuantizedTo(0x1p128/255, -1)},
		{"greatest", []float32{math.MaxFloat32}, graph.QuantizedTo(0x1p127/255, -128)},
	}
	for _, c := range cases {
		if got := observe(t, calibration.MinMax, c.values...).Quantized(); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestRangeAndConstant(t *testing.T) {
	negativeZero := float32(math.Copysign(0, -1))
	cases := []struct {
		values   []float32
		lo, hi   float32
		constant bool
	}{
		{nil, 0, 0, true},
		{[]float32{0, negativeZero}, 0, 0, true},
		{[]float32{3, 3}, 3, 3, false},
		{[]float32{-2, -5}, -5, -2, false},
		{[]float32{0, 1e-45}, 0, 1e-45, false},
	}
	for _, c := range cases {
		o := observe(t, calibration.MSE, c.values...)
		if lo, hi := o.Range(); lo != c.lo || hi != c.hi || math.Signbit(float64(lo)) != (c.lo < 0) {
			t.Errorf("%v: range %v to %v, want %v to %v", c.values, lo, hi, c.lo, c.hi)
		}
		if o.Constant() != c.constant {
			t.Errorf("%v: constant %v", c.values, o.Constant())
		}
	}
}

func TestValuesThatAreNotFiniteAreRefused(t *testing.T) {
	for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		o := observe(t, calibration.MinMax, -1, 1)
		if err := o.Observe([]float32{9, float32(bad)}); !errors.Is(err, calibration.ErrNotFinite) {
			t.Errorf("%v: error %v", bad, err)
		}
		if lo, hi := o.Range(); lo != -1 || hi != 1 {
			t.Errorf("%v: the values beside it were added: %v to %v", bad, lo, hi)
		}
	}
}

// million returns a million values from −1 to 1, all but one, which is given.
func million(one float32) []float32 {
	random := rand.New(rand.NewPCG(3, 1))
	values := make([]float32, 1_000_000)
	for i := range values {
		values[i] = 2*random.Float32() - 1
	}
	values[123] = one
	return values
}

func TestPercentileIgnoresOneOfAMillion(t *testing.T) {
	values := million(100)
	got := observe(t, calibration.Percentile, values...).Quantized().Range()
	// A bin is 1/16 wide.
	if got.Min < -1.1 || got.Min > -0.9 || got.Max < 0.9 || got.Max > 1.1 {
		t.Errorf("range %v to %v, want -1 to 1", got.Min, got.Max)
	}
}

// TestPercentileByHand has 20000 values, of which one at each end may go, but no
// second one.
func TestPercentileByHand(t *testing.T) {
	values := make([]float32, 20000)
	for i := range values {
		values[i] = float32(i%2)*2 - 1 // −1 and 1
	}
	values[0], values[1] = -1.75, 1.75
	// Bins are 1/1024 wide; the range reaches to the ends of those of ±1.
	want := graph.QuantizedTo((2+2.0/1024)/255, -1)
	if got := observe(t, calibration.Percentile, values...).Quantized(); got != want {
		t.Errorf("one at each end: %v, want %v", got, want)
	}
	values[2], values[3] = -1.75, 1.75
	want = graph.QuantizedTo(3.5/255, -1)
	if got := observe(t, calibration.Percentile, values...).Quantized(); got != want {
		t.Errorf("two at each end: %v, want %v", got, want)
	}
}

// TestRareValuesAreNotLost: all that is not 0 is rarer than what Percentile leaves
// out.
func TestRareValuesAreNotLost(t *testing.T) {
	values := make([]float32, 100_000)
	values[7], values[8] = 5, 4
	for _, m := range calibration.Methods() {
		if got := observe(t, m, values...).Quantized().Range(); got.Max < 3 {
			t.Errorf("%s: range %v to %v", m, got.Min, got.Max)
		}
	}
}

// TestLeastErrorCutsOff: a single value is worth less than the steps of the others.
func TestLeastErrorCutsOff(t *testing.T) {
	values := million(4)
	squared := func(m calibration.Method) float64 {
		return meanSquaredError(values, observe(t, m, values...).Quantized())
	}
	if mse, minmax := squared(calibration.MSE), squared(calibration.MinMax); mse > minmax/2 {
		t.Errorf("mean squared error %v, with all values %v", mse, minmax)
	}
}

func TestLeastErrorIsNeverMoreThanOfAll(t *testing.T) {
	for seed := range uint64(12) {
		values := heavy(seed, 20000)
		if seed%3 == 0 {
			values = rectified(values)
		}
		mse := meanSquaredError(values, observe(t, calibration.MSE, values...).Quantized())
		for _, m := range []calibration.Method{calibration.MinMax, calibration.Entropy} {
			// The bins know the values to within a part of a step.
			if other := meanSquaredError(values, observe(t, m, values...).Quantized()); mse > 1.02*other {
				t.Errorf("seed %d: mean squared error %v, with %s %v", seed, mse, m, other)
			}
		}
	}
}

// meanSquaredError rounds values as the quantize kernel does.
func meanSquaredError(values []float32, q graph.Quantized) float64 {
	output := asm.OutputS8{ZeroPoint: q.ZeroPoint, Min: q.Min, Max: q.Max}
	sum := 0.0
	for _, v := range values {
		real := float64(int32(output.Quantize(v/q.Scale))-q.ZeroPoint) * float64(q.Scale)
		sum += (float64(v) - real) * (float64(v) - real)
	}
	return sum / float64(len(values))
}

// TestEntropyCutsOutliersOff: with two values far out, few levels would be left for
// the others.
func TestEntropyCutsOutliersOff(t *testing.T) {
	values := heavy(5, 100_000)
	for i := range values {
		values[i] = min(max(values[i], -1), 1)
	}
	values[0], values[1] = 8, -8
	got := observe(t, calibration.Entropy, values...).Quantized().Range()
	if got.Min < -2 || got.Max > 2 {
		t.Errorf("range %v to %v, though two values alone are beyond 1", got.Min, got.Max)
	}
}

// TestEntropyKeepsWhatLevelsHold: distributions that 256 levels hold exactly lose
// nothing.
func TestEntropyKeepsWhatLevelsHold(t *testing.T) {
	for _, values := range [][]float32{{3}, {1, 5}, {5, 4.99, 4.98}, {-1, 4}, {-3, -3, -3, 0, 0}} {
		many := slices.Repeat(values, 1000)
		got, want := observe(t, calibration.Entropy, many...).Quantized(), observe(t, calibration.MinMax, many...).Quantized()
		if got != want {
			t.Errorf("%v: %v, want %v", values, got, want)
		}
	}
}

// TestAnyValues: whatever was seen, the parameters are usable, 0 is exact, and
// neither the order nor the cut of the values matters.
func TestAnyValues(t *testing.T) {
	random := rand.New(rand.NewPCG(6, 1))
	for range 60 {
		values := make([]float32, 1+random.IntN(40))
		for i := range values {
			values[i] = anyFinite(random)
		}
		for _, m := range calibration.Methods() {
			got := observe(t, m, values...).Quantized()
			checkUsable(t, m, values, got)
			shuffled := slices.Clone(values)
			random.Shuffle(len(values), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
			o := calibration.NewObserver(m)
			for _, v := range shuffled {
				if err := o.Observe([]float32{v}); err != nil {
					t.Fatal(err)
				}
			}
			if again := o.Quantized(); again != got {
				t.Fatalf("%s of %v: %v, one by one in another order %v", m, values, got, again)
			}
		}
	}
}

// anyFinite returns any finite float32, with all exponents alike, or 0.
func anyFinite(random *rand.Rand) float32 {
	if v := math.Float32frombits(random.Uint32()); v-v == 0 && random.IntN(5) > 0 {
		return v
	}
	return 0
}

func checkUsable(t *testing.T, m calibration.Method, values []float32, q graph.Quantized) {
	t.Helper()
	if err := q.Quantization().Check(tensor.Int8, nil); err != nil {
		t.Fatalf("%s of %v: %v", m, values, err)
	}
	if q.Scale < 0x1p-126 || q.Min != -128 || q.Max != 127 {
		t.Fatalf("%s of %v: %v", m, values, q)
	}
	if r := q.Range(); r.Min > 0 || r.Max < 0 || r.Min < -math.MaxFloat32 || r.Max > math.MaxFloat32 {
		t.Fatalf("%s of %v: range %v to %v", m, values, r.Min, r.Max)
	}
	output := asm.OutputS8{ZeroPoint: q.ZeroPoint, Min: q.Min, Max: q.Max}
	if zero := output.Quantize(0 / q.Scale); int32(zero) != q.ZeroPoint {
		t.Fatalf("%s of %v: 0 becomes %d with %v", m, values, zero, q)
	}
}

func TestOneSidedRangesKeepTheirSide(t *testing.T) {
	values := rectified(heavy(8, 20000))
	for _, m := range calibration.Methods() {
		if q := observe(t, m, values...).Quantized(); q.ZeroPoint != -128 {
			t.Errorf("%s: zero point %d", m, q.ZeroPoint)
		}
		for i := range values {
			values[i] = -values[i]
		}
		if q := observe(t, m, values...).Quantized(); q.ZeroPoint != 127 {
			t.Errorf("%s of values below 0: zero point %d", m, q.ZeroPoint)
		}
		for i := range values {
			values[i] = -values[i]
		}
	}
}

func TestMethodCheck(t *testing.T) {
	for _, m := range calibration.Methods() {
		if err := m.Check(); err != nil {
			t.Error(err)
		}
	}
	if err := calibration.Method("average").Check(); err == nil {
		t.Error("an unknown method passes")
	}
}

package optim

// Schedule is a cosine schedule with a linear warm-up (Loshchilov and Hutter,
// "SGDR", 2017).
type Schedule struct {
	Rate   float32 // the highest learning rate
	Warmup int     // steps that lead up to it
	Total  int     // steps in all; the rate ends at 0
}

// At returns the learning rate of a step, counted from 0.
func (s Schedule) At(step int) float32 {
	if step < s.Warmup {
		return s.Rate * (float32(step+1) / float32(s.Warmup))
	}
	if step >= s.Total {
		return 0
	}
	return float32(s.Rate * float32(raisedCosine(float64(step-s.Warmup)/float64(s.Total-s.Warmup))))
}

// sineTerms are ±1/n! for odd n from 21 down to 3: what a sine adds to x.
var sineTerms = [...]float64{
	1. / 51090942171709440000, -1. / 121645100408832000, 1. / 355687428096000, -1. / 1307674368000, 1. / 6227020800,
	-1. / 39916800, 1. / 362880, -1. / 5040, 1. / 120, -1. / 6,
}

// raisedCosine returns (1 + cos(πx))/2 for 0 ≤ x ≤ 1, as 1 − sin²(πx/2) by the
// sine's series, each step rounded: math.Cos differs between processors.
func raisedCosine(x float64) float64 {
	const half = 1.5707963267948966
	x *= half
	square := x * x
	p := 0.0
	for _, c := range sineTerms {
		p = float64(p*square) + c
	}
	sine := float64(float64(p*square)*x) + x
	return max(0, 1-float64(sine*sine))
}

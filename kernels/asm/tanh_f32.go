package asm

// tanhSplit is where TanhF32 goes from the odd polynomial to the exponential.
const tanhSplit = 0.625

// tanhNear approximates (tanh(a)/a − 1)/a² by powers of a², for a ≤ tanhSplit: a
// minimax fit, within 2⁻²⁶ of tanh(a).
var tanhNear = [...]float32{
	-5.70499804e-03, 2.06390992e-02, -5.37397191e-02, 1.33314416e-01, -3.33332807e-01,
}

// TanhF32 returns the hyperbolic tangent of x, the one of this module: within 2
// units in the last place of the exact value. NaN gives 1 or −1.
//
//	tanh(a) = a + a·(a²·p(a²))          for a < 0.625
//	tanh(a) = 1 − 2/(ExpF32(2·a) + 1)   otherwise
//
// with a = |x| and the sign of x; p by Horner's rule, and the first sum, with
// fused steps.
func TanhF32(x float32) float32 {
	a := magnitudeF32(x)
	if a < tanhSplit {
		square := float32(a * a)
		p := float32(hornerF32(square, tanhNear[:]) * square)
		return withSignF32(FMAF32(p, a, a), x)
	}
	return withSignF32(1-float32(2/float32(ExpF32(a+a)+1)), x)
}

// TanhOfF32 computes y[i] = [TanhF32](x[i]). y is as long as x and may be x.
func TanhOfF32(y, x []float32) {
	if len(x) == 0 {
		return
	}
	tanhOfF32(y[:len(x)], x)
}

func tanhOfF32Ref(y, x []float32) {
	for i, v := range x {
		y[i] = TanhF32(v)
	}
}

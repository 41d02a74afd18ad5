package asm

// hornerF32 returns the polynomial with these coefficients, highest power first,
// at x: by Horner's rule with fused steps.
func hornerF32(x float32, coefficients []float32) float32 {
	p := coefficients[0]
	for _, c := range coefficients[1:] {
		p = FMAF32(p, x, c)
	}
	return p
}

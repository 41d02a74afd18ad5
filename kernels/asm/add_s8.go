package asm

// OperandS8 says how one operand of an int8 addition becomes a real value in
// units of the output scale: Scale is the operand's scale divided by the
// output's.
type OperandS8 struct {
	Scale     float32
	ZeroPoint int32
}

// Real returns the value that q stands for, in units of the output scale.
func (o OperandS8) Real(q int8) float32 { return float32(int32(q)-o.ZeroPoint) * o.Scale }

// AddS8 adds two quantized tensors:
//
//	t = float32((a[i] − za)·sa) + float32((b[i] − zb)·sb)
//	dst[i] = clamp(roundToEven(t) + zeroPoint, min, max)
//
// Both products are rounded to float32 before the sum: no fused multiply-add.
// a and b are as long as dst; dst may be a or b.
func AddS8(dst, a, b []int8, qa, qb OperandS8, out OutputS8) {
	if len(dst) == 0 {
		return
	}
	addS8(dst, a[:len(dst)], b[:len(dst)], qa, qb, out)
}

func addS8Ref(dst, a, b []int8, qa, qb OperandS8, out OutputS8) {
	for i := range dst {
		dst[i] = out.Quantize(float32(qa.Real(a[i])) + float32(qb.Real(b[i])))
	}
}

package kerneltest

import "math"

// Source is a small seeded generator, the same on every machine and in every
// Go release.
type Source uint64

// Next returns the next 64 bits (SplitMix64).
func (s *Source) Next() uint64 {
	*s += 0x9E3779B97F4A7C15
	z := uint64(*s)
	z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
	z = (z ^ z>>27) * 0x94D049BB133111EB
	return z ^ z>>31
}

// Intn returns a number from 0 to n−1.
func (s *Source) Intn(n int) int { return int(s.Next() % uint64(n)) }

// Int8s returns n values, every fourth one an edge of the range.
func (s *Source) Int8s(n int) []int8 {
	edges := [...]int8{-128, -127, -1, 0, 1, 127}
	values := make([]int8, n)
	for i := range values {
		r := s.Next()
		if values[i] = int8(r >> 8); r%4 == 0 {
			values[i] = edges[r>>16%uint64(len(edges))]
		}
	}
	return values
}

// WidenedInt8s returns n int8 values as int16.
func (s *Source) WidenedInt8s(n int) []int16 {
	values := make([]int16, n)
	for i, v := range s.Int8s(n) {
		values[i] = int16(v)
	}
	return values
}

// Int32s returns n values of up to the given number of bits, sign included.
func (s *Source) Int32s(n, bits int) []int32 {
	values := make([]int32, n)
	for i := range values {
		values[i] = int32(s.Next()>>32) >> (32 - bits)
	}
	return values
}

// Float32s returns n ordinary values between −4 and 4.
func (s *Source) Float32s(n int) []float32 {
	values := make([]float32, n)
	for i := range values {
		values[i] = float32(int32(s.Next()>>40)-1<<23) / (1 << 21)
	}
	return values
}

// HardFloat32s returns n values, every second one an edge: zeros of both signs,
// subnormals, the largest numbers, ties, and the operands that show a fused
// multiply-add that was rounded twice. No NaN and no infinity: kernels do not
// define how those spread.
func (s *Source) HardFloat32s(n int) []float32 {
	edges := [...]float32{
		0, float32(math.Copysign(0, -1)),
		math.SmallestNonzeroFloat32, -math.SmallestNonzeroFloat32, 0x1p-126, -0x1p-127,
		0x1p60, -0x1p60, 1, -1, 0.5, 1.5, 2.5, -2.5,
		1 + 0x1p-23, (1 - 0x1p-23) * 0x1p-24,
	}
	values := s.Float32s(n)
	for i := range values {
		if r := s.Next(); r%2 == 0 {
			values[i] = edges[r>>16%uint64(len(edges))]
		}
	}
	return values
}

package microbench

// What the values are does not change the time of a kernel, except where they
// are all zero, infinite or subnormal.

// int8s returns n values of −limit to limit.
func int8s(n, limit int) []int8 {
	values := make([]int8, n)
	for i := range values {
		values[i] = int8(i*37%(2*limit+1) - limit)
	}
	return values
}

// float32s returns n values between −1 and 1.
func float32s(n int) []float32 {
	values := make([]float32, n)
	for i := range values {
		values[i] = float32(i*37%255-127) / 128
	}
	return values
}

func repeated[T any](n int, v T) []T {
	values := make([]T, n)
	for i := range values {
		values[i] = v
	}
	return values
}

package calibration_test

import (
	"math"
	"testing"

	"megl-edge/quant/calibration"
)

// TestGolden holds the bits of every method, the same on every machine.
func TestGolden(t *testing.T) {
	both := heavy(9, 60000)
	cases := []struct {
		name      string
		values    []float32
		method    calibration.Method
		scale     uint32
		zeroPoint int32
	}{
		{"both signs", both, calibration.MinMax, 0x3d62f8a8, -9},
		{"both signs", both, calibration.Percentile, 0x3d36a6a7, -5},
		{"both signs", both, calibration.MSE, 0x3d4e24da, -13},
		{"both signs", both, calibration.Entropy, 0x3d573120, -2},
		{"one-sided", rectified(both), calibration.MinMax, 0x3cf168e9, -128},
		{"one-sided", rectified(both), calibration.Percentile, 0x3cbc7c7c, -128},
		{"one-sided", rectified(both), calibration.MSE, 0x3cf168e9, -128},
		{"one-sided", rectified(both), calibration.Entropy, 0x3c3ebebf, -128},
	}
	for _, c := range cases {
		q := observe(t, c.method, c.values...).Quantized()
		if bits := math.Float32bits(q.Scale); bits != c.scale || q.ZeroPoint != c.zeroPoint {
			t.Errorf("%s, %s: scale %#x (%v), zero point %d; want %#x, %d",
				c.name, c.method, bits, q.Scale, q.ZeroPoint, c.scale, c.zeroPoint)
		}
	}
}

package calibration

import "math"

// PerChannel rounds finite weights [channels × …] to integers of the given number
// of bits, 2 to 8, symmetrically: one scale for each channel, so that its greatest
// magnitude becomes the greatest integer, 127 of 8 bits and 63 of 7. Quotients are
// rounded half to even. A scale is at least 2⁻⁶⁰, and 1 for a channel of zeros.
func PerChannel(values []float32, channels, bits int) (scales []float32, rounded []int8) {
	scales, rounded = make([]float32, channels), make([]int8, len(values))
	most := float32(int(1)<<(bits-1) - 1)
	size := len(values) / max(1, channels)
	for c := range channels {
		channel, to := values[c*size:][:size], rounded[c*size:][:size]
		scales[c] = channelScale(channel, most)
		for i, v := range channel {
			to[i] = int8(min(max(math.RoundToEven(float64(v/scales[c])), float64(-most)), float64(most)))
		}
	}
	return scales, rounded
}

func channelScale(channel []float32, most float32) float32 {
	greatest := float32(0)
	for _, v := range channel {
		greatest = max(greatest, v, -v)
	}
	switch scale := greatest / most; {
	case greatest == 0:
		return 1
	case scale < smallestScale:
		return smallestScale
	default:
		return scale
	}
}

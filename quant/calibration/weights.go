package calibration

import "math"

// PerChannel rounds weights [channels × …] to integers of the given number of
// bits, 2 to 8, symmetrically: one scale for each channel, so that its greatest
// magnitude becomes the greatest integer. The scale of a channel of zeros is 1.
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

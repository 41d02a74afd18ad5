package asm

// sumLanes is the number of running values that a sum along a row keeps: element
// i belongs to lane i mod 16. The lanes are then added 8 apart, 4 apart, 2
// apart, 1 apart.
const sumLanes = 16

// SumF32 returns the sum of a row, in 16 lanes; 0 for an empty one.
func SumF32(src []float32) float32 {
	if len(src) == 0 {
		return 0
	}
	return sumF32(src)
}

func sumF32Ref(src []float32) float32 {
	var lanes [sumLanes]float32
	for i, v := range src {
		lanes[i%sumLanes] += v
	}
	return sumTree(&lanes)
}

// sumTree adds up the lanes, halving their number each time.
func sumTree(lanes *[sumLanes]float32) float32 {
	for half := sumLanes / 2; half > 0; half /= 2 {
		for i := range half {
			lanes[i] += lanes[i+half]
		}
	}
	return lanes[0]
}

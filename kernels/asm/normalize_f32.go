package asm

// SquaresF32 returns Σ (src[i] − mean)² in 16 lanes, like [SumF32]; difference,
// square and sum are each rounded.
func SquaresF32(src []float32, mean float32) float32 {
	if len(src) == 0 {
		return 0
	}
	return squaresF32(src, mean)
}

func squaresF32Ref(src []float32, mean float32) float32 {
	var lanes [sumLanes]float32
	addSquares(&lanes, src, mean)
	return sumTree(&lanes)
}

func addSquares(lanes *[sumLanes]float32, src []float32, mean float32) {
	for i, v := range src {
		centred := v - mean
		lanes[i%sumLanes] += float32(centred * centred)
	}
}

// NormalizeF32 is dst[i] = ((src[i] − mean)/deviation)·scale[i] + offset[i], each
// step rounded. dst, scale and offset are at least as long as src; dst may be src.
func NormalizeF32(dst, src, scale, offset []float32, mean, deviation float32) {
	if len(src) == 0 {
		return
	}
	n := len(src)
	normalizeF32(dst[:n], src, scale[:n], offset[:n], mean, deviation)
}

func normalizeF32Ref(dst, src, scale, offset []float32, mean, deviation float32) {
	for i, v := range src {
		dst[i] = float32(float32((v-mean)/deviation)*scale[i]) + offset[i]
	}
}

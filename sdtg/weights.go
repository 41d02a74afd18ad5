package sdtg

import (
	"math"
	"math/rand/v2"

	"megl-edge/runtime/tensor"
)

const weightsKey = 0x6465636f646572 // of the stream that first values are drawn from

// NewWeights returns first values for all weights, by name: the same for the same
// seed, on every machine.
func (s Shape) NewWeights(seed uint64) map[string]tensor.Tensor {
	random := rand.NewPCG(seed, weightsKey)
	weights := map[string]tensor.Tensor{}
	for _, p := range s.Parameters() {
		value := tensor.Zeros(tensor.Type{DType: tensor.Float32, Shape: p.Shape})
		numbers := tensor.Elements[float32](value)
		switch p.start {
		case ones:
			for i := range numbers {
				numbers[i] = 1
			}
		case spread:
			// Both operations are exactly rounded.
			bound := float32(1 / math.Sqrt(float64(p.Shape[len(p.Shape)-1])))
			for i := range numbers {
				numbers[i] = bound * (float32(random.Uint64()>>40)/(1<<23) - 1)
			}
		}
		weights[p.Name] = value
	}
	return weights
}

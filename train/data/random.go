package data

import "math/rand/v2"

// The uses of a seed. Each has random numbers of its own.
const (
	orderStream   = 0x6f72646572   // the order of an epoch
	augmentStream = 0x6175676d6e74 // how a photo is changed
)

// newRandom returns a generator that depends on its key alone. Keys that differ,
// however little, have generators that have nothing to do with each other.
func newRandom(key ...uint64) *rand.PCG {
	var high, low uint64
	for _, word := range key {
		high = mix(high ^ word)
		low = mix(low + high)
	}
	return rand.NewPCG(high, low)
}

// mix is a bijection in which every bit of x changes half of the bits of the
// result: the finalizer of SplitMix64 (Steele, Lea, Flood, "Fast splittable
// pseudorandom number generators", 2014), with its increment.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// uniform returns a multiple of 2⁻⁵³ from 0 to below 1.
func uniform(random *rand.PCG) float64 { return float64(random.Uint64()>>11) / (1 << 53) }

// between returns a number from lo to hi.
func between(random *rand.PCG, lo, hi float64) float64 {
	return lo + float64((hi-lo)*uniform(random))
}

// Order returns the numbers 0 to n-1 in the order in which an epoch takes the
// rows of a dataset. Each order is as likely as any other, up to what 128 bits can
// tell apart. It depends on the arguments alone, so training that was interrupted
// can go on at the same place.
func Order(n int, seed, epoch uint64) []int {
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	random := newRandom(orderStream, seed, epoch)
	for i := n - 1; i > 0; i-- {
		j := below(random, uint64(i)+1)
		order[i], order[j] = order[j], order[i]
	}
	return order
}

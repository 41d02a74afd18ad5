package microbench

import (
	"bytes"
	"time"

	"github.com/klauspost/cpuid/v2"

	"megl-edge/kernels"
)

const (
	bandwidthBudget = 100 * time.Millisecond
	leastBuffer     = 64 << 20
	mostBuffer      = 256 << 20
)

// ReadBandwidth returns how many 10⁹ bytes a second the threads read together
// from a buffer that no cache holds: four times the last cache, within bounds.
// The search of the standard library does the reading, which is vectorised on
// every processor and at every level.
func ReadBandwidth(threads int) float64 {
	return readBandwidth(threads, min(max(leastBuffer, 4*max(cpuid.CPU.Cache.L2, cpuid.CPU.Cache.L3)), mostBuffer))
}

func readBandwidth(threads, size int) float64 {
	// Pages that were never written would all be one page of zeros.
	buffer := bytes.Repeat([]byte{1}, size)
	const block = 1 << 20
	pool := kernels.NewPool(threads)
	defer pool.Close()
	read := kernels.Rows(size, block, func(first, last int) { bytes.IndexByte(buffer[first:last], 0) })
	return float64(size) / quickest(bandwidthBudget, func() { pool.Run(read) }) / 1e9
}

package microbench

import (
	"time"

	"megl-edge/kernels"
	"megl-edge/kernels/asm"
)

// peakBudget is how long one peak is measured.
const peakBudget = 100 * time.Millisecond

// PeakInt8 returns the rate, in 10⁹ multiply-accumulates a second, of this
// program's int8 matrix product, one panel whose operands stay in the L1 cache
// and whose sums are rounded to int8, on all threads at once. It is the best of
// the forms for what may be known of weights.
func PeakInt8(threads int) float64 {
	const rows, depth = 2 * asm.GemmS8Rows, 1024 // 28 kB, in the form of bytes
	best := 0.0
	for weights := range asm.NarrowWeights + 1 {
		best = max(best, peak(threads, rows*depth*asm.GemmS8Cols, func() func() { return panelInt8(rows, depth, weights) }))
	}
	return best
}

func panelInt8(rows, depth int, weights asm.WeightsS8) func() {
	form := asm.BestFormS8(weights)
	p := &asm.ProductS8{
		Form: form, Depth: depth, Segments: 1, Rows: rows, StrideA: form.RowBytes(depth), Offsets: make([]int32, asm.PadRowsS8(rows)),
		A: make([]byte, rows*form.RowBytes(depth)), Addend: make([]int32, asm.PadRowsS8(rows)),
		B: int8s(depth*asm.GemmS8Cols, 63), Weights: asm.NarrowWeights,
	}
	for r := range p.Offsets {
		p.Offsets[r] = int32(min(r, rows-1) * p.StrideA)
	}
	form.Convert(p.A, int8s(rows*depth, 127))
	y, bias, scale := make([]int8, rows*asm.GemmS8Cols), make([]int32, asm.GemmS8Cols), repeated(asm.GemmS8Cols, float32(1e-4))
	return func() {
		p.Requantize(y, asm.GemmS8Cols, bias, scale, asm.GemmS8Cols, asm.OutputS8{Min: -128, Max: 127})
	}
}

// PeakFloat32 is PeakInt8 for float32: one tile.
func PeakFloat32(threads int) float64 {
	const rows, depth = asm.GemmF32Rows, 256
	return peak(threads, rows*depth*asm.GemmF32Cols, func() func() {
		a, b, c := float32s(rows*depth), float32s(depth*asm.GemmF32Cols), make([]float32, rows*asm.GemmF32Cols)
		return func() { asm.GemmF32(c, asm.GemmF32Cols, a, depth, b, rows, depth) }
	})
}

// peak runs on each thread a kernel of its own, of the given multiply-accumulates.
func peak(threads, macs int, prepare func() func()) float64 {
	const repeats = 100 // so that starting the threads does not count
	calls := make([]func(), threads)
	for i := range calls {
		calls[i] = prepare()
	}
	pool := kernels.NewPool(threads)
	defer pool.Close()
	task := kernels.Rows(threads, 1, func(first, _ int) {
		for range repeats {
			calls[first]()
		}
	})
	seconds := quickest(peakBudget, func() { pool.Run(task) })
	return float64(macs) * repeats * float64(threads) / seconds / 1e9
}

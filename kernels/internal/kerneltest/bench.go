package kerneltest

import (
	"fmt"
	"testing"

	"megl-edge/kernels/asm"
)

// Bench times one kernel call at every level, as sub-benchmarks
// "isa=LEVEL/shape", and reports the rate in 10⁹ operations a second; a
// multiply-accumulate counts as two.
func Bench(b *testing.B, shape string, operations int, call func()) {
	for _, level := range asm.Levels() {
		b.Run(fmt.Sprintf("isa=%v/%s", level, shape), func(b *testing.B) {
			defer asm.Force(level)()
			for b.Loop() {
				call()
			}
			b.ReportMetric(float64(operations)*float64(b.N)/float64(b.Elapsed().Nanoseconds()), "GOP/s")
		})
	}
}

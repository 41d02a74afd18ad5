package optim

import (
	"math"
	"runtime"
	"sync"
	"sync/atomic"
)

// Parameter is one tensor of weights and what a step does with it.
type Parameter struct {
	Name            string
	Value, Gradient []float32 // of the same length
	// Decay tells whether the weights shrink by the optimizer's decay: filters do,
	// biases and the scales of normalisations do not.
	Decay bool
	// Factor multiplies the learning rate; 0 stands for 1.
	Factor float32
}

// rate returns the learning rate of the parameter where that of the step is r.
func (p *Parameter) rate(r float32) float32 {
	if p.Factor == 0 {
		return r
	}
	return r * p.Factor
}

// block is how many elements one goroutine takes at a time.
const block = 1 << 16

// each calls work on blocks of all parameters, on several goroutines. Blocks do
// not depend on each other.
func each(parameters []Parameter, work func(p, first, last int)) {
	type part struct{ p, first, last int }
	var parts []part
	for i, p := range parameters {
		for first := 0; first < len(p.Value); first += block {
			parts = append(parts, part{i, first, min(first+block, len(p.Value))})
		}
	}
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(parts)) {
		workers.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= len(parts) {
					return
				}
				work(parts[i].p, parts[i].first, parts[i].last)
			}
		})
	}
	workers.Wait()
}

// Norm returns the Euclidean norm of all gradients together, and the index of the
// first parameter whose gradient is not finite, or −1. Squares of float32 are
// exact in float64; each block is summed in order, then the blocks.
func Norm(parameters []Parameter) (norm float64, damaged int) {
	sums := make([][]float64, len(parameters))
	for i, p := range parameters {
		sums[i] = make([]float64, (len(p.Value)+block-1)/block)
	}
	each(parameters, func(p, first, last int) {
		var sum float64
		for _, g := range parameters[p].Gradient[first:last] {
			sum += float64(g) * float64(g) // exact: fusing changes nothing
		}
		sums[p][first/block] = sum
	})
	total := 0.0
	damaged = -1
	for i := range sums {
		for _, sum := range sums[i] {
			total += sum
		}
		if damaged < 0 && (math.IsNaN(total) || math.IsInf(total, 0)) {
			damaged = i
		}
	}
	return math.Sqrt(total), damaged
}

// Scale multiplies all gradients.
func Scale(parameters []Parameter, factor float32) {
	each(parameters, func(p, first, last int) {
		for i, g := range parameters[p].Gradient[first:last] {
			parameters[p].Gradient[first+i] = g * factor
		}
	})
}

package microbench

import (
	"time"

	"megl-edge/kernels"
	"megl-edge/kernels/asm"
)

// The units of a rate. A multiply-accumulate counts as two operations.
const (
	Operations = "GOP/s"
	Values     = "values/ns"
)

// Case is one kernel at one shape.
type Case struct {
	Kernel  string
	Shape   string // of a matrix product rows×depth×columns
	Threads int
	Unit    string // Operations or Values
	// work is what the whole task does, in operations or values.
	work    float64
	prepare func(threads int) kernels.Task
}

// caseBudget is how long one case is measured at one level.
const caseBudget = 30 * time.Millisecond

// Rate measures the case at a level, in its unit. No kernel may run meanwhile:
// see [asm.Force].
func (c Case) Rate(level asm.Level) float64 { return c.rate(level, caseBudget) }

func (c Case) rate(level asm.Level, budget time.Duration) float64 {
	defer asm.Force(level)()
	pool := kernels.NewPool(c.Threads)
	defer pool.Close()
	task := c.prepare(c.Threads)
	pool.Reserve(task)
	all := task.Tiles()
	some := &sample{task, min(all, c.Threads)}
	first := timed(1, func() { pool.Run(some) })
	// The reference takes seconds for a large product: then some tiles stand
	// for all of them.
	for some.tiles < all && first < budget/2 {
		some.tiles = min(all, 2*some.tiles)
		first = timed(1, func() { pool.Run(some) })
	}
	seconds := quickest(budget, func() { pool.Run(some) })
	return c.work * float64(some.tiles) / float64(all) / seconds / 1e9
}

// sample is the first tiles of a task.
type sample struct {
	kernels.Task
	tiles int
}

func (s *sample) Tiles() int { return s.tiles }

package kernels_test

import (
	"sync/atomic"
	"testing"

	"megl-edge/kernels"
)

// counted is a task that counts how often each tile runs, and checks that two
// tiles never share scratch memory.
type counted struct {
	tiles   int
	runs    []atomic.Int32
	clashes atomic.Int32
}

func (c *counted) Tiles() int   { return c.tiles }
func (c *counted) Scratch() int { return 64 }

func (c *counted) Tile(i int, scratch []byte) {
	c.runs[i].Add(1)
	scratch[0]++
	before := scratch[0]
	for range 100 {
		if scratch[0] != before {
			c.clashes.Add(1)
		}
	}
}

func TestPoolRunsEveryTileOnce(t *testing.T) {
	for _, threads := range []int{0, 1, 2, 7} {
		pool := kernels.NewPool(threads)
		for _, tiles := range []int{0, 1, 2, 3, 100} {
			task := &counted{tiles: tiles, runs: make([]atomic.Int32, tiles)}
			pool.Reserve(task)
			pool.Run(task)
			for i := range task.runs {
				if n := task.runs[i].Load(); n != 1 {
					t.Errorf("%d threads: tile %d of %d ran %d times", threads, i, tiles, n)
				}
			}
			if task.clashes.Load() != 0 {
				t.Errorf("%d threads: two tiles shared scratch memory", threads)
			}
		}
		pool.Close()
	}
}

func TestPoolDoesNotAllocate(t *testing.T) {
	pool := kernels.NewPool(2)
	defer pool.Close()
	task := &counted{tiles: 8, runs: make([]atomic.Int32, 8)}
	pool.Reserve(task)
	if n := testing.AllocsPerRun(50, func() { pool.Run(task) }); n != 0 {
		t.Errorf("%v allocations a run", n)
	}
}

// The parts of a task run one after the other, each on all threads.
func TestPoolRunsStagesInOrder(t *testing.T) {
	for _, threads := range []int{1, 2, 7} {
		pool := kernels.NewPool(threads)
		first, second := make([]int32, 100), make([]int32, 100)
		stages := kernels.Stages{
			kernels.Rows(100, 1, func(i, _ int) { first[i]++ }),
			kernels.Rows(100, 1, func(i, _ int) { second[i] = first[99-i] }),
		}
		pool.Run(stages)
		for i, n := range second {
			if n != 1 {
				t.Errorf("%d threads: tile %d ran before what it needs", threads, i)
			}
		}
		pool.Close()
	}
}

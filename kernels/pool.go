package kernels

import (
	"sync"
	"sync/atomic"
)

// Pool runs tasks on a fixed number of threads: the caller's and helpers that
// sleep between tasks. One task runs at a time.
type Pool struct {
	scratch [][]byte // one for each thread
	wake    []chan struct{}
	stopped sync.WaitGroup

	task    Task
	tiles   int64
	next    atomic.Int64
	working sync.WaitGroup
}

// NewPool returns a pool of the given number of threads, at least 1. Its helper
// goroutines live until [Pool.Close].
func NewPool(threads int) *Pool {
	p := &Pool{scratch: make([][]byte, max(1, threads))}
	for thread := 1; thread < len(p.scratch); thread++ {
		wake := make(chan struct{}, 1)
		p.wake = append(p.wake, wake)
		p.stopped.Add(1)
		go p.help(thread, wake)
	}
	return p
}

// Threads returns the number of threads, the caller's included.
func (p *Pool) Threads() int { return len(p.scratch) }

// Reserve makes room for tasks that need up to n bytes of scratch memory. It
// must be called before such a task runs.
func (p *Pool) Reserve(n int) {
	for i, s := range p.scratch {
		if len(s) < n {
			p.scratch[i] = alignedBytes(n)
		}
	}
}

// Run computes all tiles of a task and returns when they are done. It does not
// allocate.
func (p *Pool) Run(t Task) {
	tiles := t.Tiles()
	helpers := min(len(p.wake), tiles-1)
	if helpers <= 0 {
		for i := range tiles {
			t.Tile(i, p.scratch[0])
		}
		return
	}
	p.task, p.tiles = t, int64(tiles)
	p.next.Store(0)
	p.working.Add(helpers)
	for _, wake := range p.wake[:helpers] {
		wake <- struct{}{}
	}
	p.work(0)
	p.working.Wait()
}

// Close ends the helpers. The pool must not be used afterwards.
func (p *Pool) Close() {
	for _, wake := range p.wake {
		close(wake)
	}
	p.stopped.Wait()
}

func (p *Pool) help(thread int, wake <-chan struct{}) {
	defer p.stopped.Done()
	for range wake {
		p.work(thread)
		p.working.Done()
	}
}

// work takes tiles until none is left.
func (p *Pool) work(thread int) {
	for {
		i := p.next.Add(1) - 1
		if i >= p.tiles {
			return
		}
		p.task.Tile(int(i), p.scratch[thread])
	}
}

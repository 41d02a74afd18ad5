package kernels

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// Pool runs tasks on a fixed number of threads: the caller's and helpers. One
// task runs at a time.
//
// Between the tasks of a network there are only microseconds, and waking a
// sleeping thread takes longer than many a layer. So a thread that waits looks
// for the next task for a moment (spins) before it goes to sleep; a pool that is
// not used costs nothing. Where there are more threads than processors nobody
// spins.
type Pool struct {
	scratch [][]byte   // one for each thread
	shared  []byte     // of the task that runs
	helpers []*sleeper // of thread 1, 2, …
	caller  sleeper
	spins   int
	stopped sync.WaitGroup

	task  Task
	tiles int64
	next  atomic.Int64 // the tile to take
	// call is the number of the current task, in the upper bits, and how many
	// helpers take part in it, in the lower ones.
	call      atomic.Uint64
	remaining atomic.Int32 // helpers that have not finished the current task
	closed    atomic.Bool
}

const (
	helperBits = 16
	helperMask = 1<<helperBits - 1
	// spinLoads is how often a waiting thread looks before it sleeps: about 30
	// microseconds.
	spinLoads = 1 << 15
)

// NewPool returns a pool of the given number of threads, at least 1. Its helper
// goroutines live until [Pool.Close].
func NewPool(threads int) *Pool {
	p := &Pool{scratch: make([][]byte, min(max(1, threads), helperMask)), caller: newSleeper()}
	if len(p.scratch) <= runtime.GOMAXPROCS(0) {
		p.spins = spinLoads
	}
	for thread := 1; thread < len(p.scratch); thread++ {
		s := newSleeper()
		p.helpers = append(p.helpers, &s)
		p.stopped.Add(1)
		go p.help(thread, &s)
	}
	return p
}

// Threads returns the number of threads, the caller's included.
func (p *Pool) Threads() int { return len(p.scratch) }

// Reserve makes room for what a task needs of the pool's memory. It must be called
// before the task runs.
func (p *Pool) Reserve(t Task) {
	if t, ok := t.(*packed); ok {
		if len(p.shared) < t.bytes {
			p.shared = alignedBytes(t.bytes)
		}
		p.Reserve(t.Stages)
		return
	}
	n := t.Scratch()
	for i, s := range p.scratch {
		if len(s) < n {
			p.scratch[i] = alignedBytes(n)
		}
	}
}

// Run computes all tiles of a task and returns when they are done. It does not
// allocate.
func (p *Pool) Run(t Task) {
	switch t := t.(type) {
	case Stages:
		for _, part := range t {
			p.Run(part)
		}
		return
	case *packed:
		t.place(p.shared[:t.bytes])
		p.Run(t.Stages)
		return
	}
	tiles := t.Tiles()
	helpers := min(len(p.helpers), tiles-1)
	if helpers <= 0 {
		for i := range tiles {
			t.Tile(i, p.scratch[0])
		}
		return
	}
	p.task, p.tiles = t, int64(tiles)
	p.next.Store(0)
	p.remaining.Store(int32(helpers))
	p.announce(helpers)
	p.work(0)
	p.caller.wait(p.spins, func() bool { return p.remaining.Load() == 0 })
}

// Close ends the helpers. The pool must not be used afterwards.
func (p *Pool) Close() {
	p.closed.Store(true)
	p.announce(len(p.helpers))
	p.stopped.Wait()
}

// announce starts a new call for the first helpers and wakes the sleeping ones.
func (p *Pool) announce(helpers int) {
	number := p.call.Load()>>helperBits + 1
	p.call.Store(number<<helperBits | uint64(helpers))
	for _, s := range p.helpers[:helpers] {
		s.wake()
	}
}

func (p *Pool) help(thread int, self *sleeper) {
	defer p.stopped.Done()
	var seen uint64
	for {
		// A helper that a call does not include may miss it: the next one that
		// does waits for it.
		self.wait(p.spins, func() bool { return p.call.Load() != seen })
		seen = p.call.Load()
		if p.closed.Load() {
			return
		}
		if thread > int(seen&helperMask) {
			continue
		}
		p.work(thread)
		if p.remaining.Add(-1) == 0 {
			p.caller.wake()
		}
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

// sleeper is where one thread waits for a condition that another one makes true
// before it calls wake.
type sleeper struct {
	asleep *atomic.Bool
	signal chan struct{}
}

func newSleeper() sleeper { return sleeper{new(atomic.Bool), make(chan struct{}, 1)} }

// wait returns when the condition holds.
func (s *sleeper) wait(spins int, condition func() bool) {
	for range spins {
		if condition() {
			return
		}
	}
	for !condition() {
		s.asleep.Store(true)
		// The condition may have come true before the flag was seen: whoever
		// takes the flag back decides whether a signal is on its way.
		if condition() && s.asleep.CompareAndSwap(true, false) {
			return
		}
		<-s.signal
	}
}

// wake ends a wait whose condition was made true before.
func (s *sleeper) wake() {
	if s.asleep.CompareAndSwap(true, false) {
		s.signal <- struct{}{}
	}
}

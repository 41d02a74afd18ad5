package script

import (
	"runtime/metrics"
	"sync"
	"time"
)

// meter measures how much the heap grows while a script itself runs.
type meter struct {
	mu     sync.Mutex
	paused bool
	before uint64 // the heap at the pause
	floor  uint64 // what of the heap is not the script's
}

// interval is how often the meter looks: a script can double what it has in it.
const interval = 2 * time.Millisecond

func heap() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// pause is called before a module works, and resume after it: what it takes is not the
// script's.
func (m *meter) pause() {
	m.mu.Lock()
	m.paused, m.before = true, heap()
	m.mu.Unlock()
}

func (m *meter) resume() {
	m.mu.Lock()
	if now := heap(); now > m.before {
		m.floor += now - m.before
	}
	m.paused = false
	m.mu.Unlock()
}

// grown tells by how much the heap has grown.
func (m *meter) grown() uint64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.paused {
		return 0
	}
	now := heap()
	m.floor = min(m.floor, now) // garbage of modules was collected
	return now - m.floor
}

// watch calls stop when the heap has grown by more than limit, and stuck when it goes on
// growing to twice of it: an operation that is in the midst of its work does not stop. It
// ends when done is closed.
func (m *meter) watch(done <-chan struct{}, limit uint64, stop, stuck func()) (ended chan struct{}) {
	m.floor = heap()
	ended = make(chan struct{})
	go func() {
		defer close(ended)
		ticker := time.NewTicker(interval)
		defer ticker.Stop()
		for {
			select {
			case <-done:
				return
			case <-ticker.C:
			}
			switch grown := m.grown(); {
			case grown > 2*limit:
				stuck()
			case grown > limit:
				stop()
			}
		}
	}()
	return ended
}

package script

import (
	"context"
	"runtime/metrics"
	"sync"
	"time"
)

// meter measures how much the heap grows while a script itself runs.
type meter struct {
	mu     sync.Mutex
	paused bool
	floor  uint64 // the heap when the script began, or came back from a module
}

// interval is how often the meter looks: a script can double what it has in it.
const interval = 2 * time.Millisecond

func heap() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

func (m *meter) pause() {
	m.mu.Lock()
	m.paused = true
	m.mu.Unlock()
}

func (m *meter) resume() {
	m.mu.Lock()
	// A function gives back little: what it was given is the script's still.
	m.paused = false
	m.mu.Unlock()
}

// watch calls stop once when the heap has grown by more than limit. It ends with the
// context.
func (m *meter) watch(ctx context.Context, limit uint64, stop func()) (ended chan struct{}) {
	m.floor = heap()
	ended = make(chan struct{})
	go func() {
		defer close(ended)
		ticker := time.NewTicker(interval)
		defer ticker.Stop()
		before := m.floor
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
			}
			now := heap()
			m.mu.Lock()
			if m.paused && now > before {
				// What a module takes is not the script's.
				m.floor += now - before
			}
			grown := now > m.floor && now-m.floor > limit && !m.paused
			m.mu.Unlock()
			before = now
			if grown {
				stop()
				return
			}
		}
	}()
	return ended
}

package data

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"megl-edge/runtime/vision"
)

// A Cursor is a place in the order in which training takes rows.
type Cursor struct {
	Epoch    uint64 `json:"epoch"`
	Position int    `json:"position"` // rows of the epoch that are done
}

// LoaderOptions say what [NewLoader] is to do. Only Preprocess and Batch must be
// given.
type LoaderOptions struct {
	Preprocess vision.Preprocess // of the model
	Augment    *Augment          // nil: none
	Batch      int               // examples in a batch; the last of an epoch may have fewer

	Shuffle bool   // take the rows in the order of [Order], anew in each epoch
	Seed    uint64 // of the order and of the augmentation
	Start   Cursor
	Epochs  int // how many, counted from epoch 0; 0: no end

	Workers int           // photos decoded at a time; 0: as many as Go uses processors
	Ahead   int           // batches made ahead of use; 0: 2
	Limits  vision.Limits // of photos; zero: [vision.DefaultLimits]
}

// A Batch is some examples, one after the other in memory.
type Batch struct {
	Start, End Cursor // of its first example, and where to go on after it

	Examples []Example
	Pixels   []uint8   // [examples][height][width][3]
	Masks    []float32 // [examples][height][width]; nil if no row of the dataset has a mask

	waiting atomic.Int32
	done    chan struct{} // closed when waiting is 0
}

// A Loader makes batches, ahead of use, in the order that its options say. What is
// in them does not depend on the number of workers, nor on where the order was
// started. It is used by one goroutine.
//
// It holds Ahead+1 batches and, while workers are busy, a photo for each.
type Loader struct {
	recipe  recipe
	options LoaderOptions

	ctx     context.Context
	stop    context.CancelCauseFunc
	working sync.WaitGroup

	free  chan *Batch // not in use
	ready chan *Batch // in order, being made or finished
	jobs  chan job
	last  *Batch // that the caller has
}

// A job is one example to make.
type job struct {
	batch *Batch
	index int
}

var errClosed = errors.New("the loader is closed")

// NewLoader starts to make batches of a dataset. [Loader.Close] must be called when
// they are not needed any more; the end of ctx ends the work too.
func NewLoader(ctx context.Context, d *Dataset, options LoaderOptions) (*Loader, error) {
	if err := options.check(d); err != nil {
		return nil, err
	}
	l := &Loader{
		recipe:  recipe{d, options.Preprocess, options.Augment, options.Seed, options.Limits},
		options: options,
		free:    make(chan *Batch, options.Ahead+1),
		ready:   make(chan *Batch, options.Ahead+1),
		jobs:    make(chan job),
	}
	l.ctx, l.stop = context.WithCancelCause(ctx)
	masks := slices.ContainsFunc(d.rows, func(r Row) bool { return r.HasMask() })
	for range options.Ahead + 1 {
		l.free <- newBatch(options, masks)
	}
	l.working.Go(l.produce)
	for range options.Workers {
		l.working.Go(l.work)
	}
	return l, nil
}

// check fills in what is 0 and refuses what makes no sense.
func (o *LoaderOptions) check(d *Dataset) error {
	const most = 1 << 16
	if o.Workers == 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	if o.Ahead == 0 {
		const ahead = 2
		o.Ahead = ahead
	}
	if o.Augment != nil {
		if err := o.Augment.Check(); err != nil {
			return err
		}
	}
	switch {
	case o.Batch < 1 || o.Batch > most:
		return fmt.Errorf("a batch of %d examples, want 1 to %d", o.Batch, most)
	case o.Workers < 1 || o.Workers > most || o.Ahead < 1 || o.Ahead > most || o.Epochs < 0:
		return fmt.Errorf("%d workers, %d batches ahead, %d epochs: want 1 to %d, 1 to %d and no negative number", o.Workers, o.Ahead, o.Epochs, most, most)
	case o.Start.Position < 0 || o.Start.Position > d.Len():
		return fmt.Errorf("a start at row %d of an epoch of %d: the data have changed", o.Start.Position, d.Len())
	}
	return o.Preprocess.Check()
}

func newBatch(o LoaderOptions, masks bool) *Batch {
	area := o.Preprocess.Width * o.Preprocess.Height
	b := &Batch{Pixels: make([]uint8, 3*area*o.Batch), Examples: make([]Example, o.Batch)}
	if masks {
		b.Masks = make([]float32, area*o.Batch)
	}
	for i := range b.Examples {
		b.Examples[i].Pixels = b.Pixels[3*area*i : 3*area*(i+1)]
		if masks {
			b.Examples[i].Mask = b.Masks[area*i : area*(i+1)]
		}
	}
	return b
}

// resize gives the batch n examples, at most as many as it was made for.
func (b *Batch) resize(n int) {
	b.Examples = b.Examples[:n]
	b.Pixels = b.Pixels[:n*len(b.Examples[0].Pixels)]
	b.Masks = b.Masks[:n*len(b.Examples[0].Mask)]
	b.waiting.Store(int32(n))
	b.done = make(chan struct{})
}

// produce hands out the work, epoch after epoch.
func (l *Loader) produce() {
	defer close(l.jobs)
	defer close(l.ready)
	n := l.recipe.dataset.Len()
	at := l.options.Start
	for {
		if at.Position == n {
			at = Cursor{Epoch: at.Epoch + 1}
		}
		if l.options.Epochs > 0 && at.Epoch >= uint64(l.options.Epochs) {
			return
		}
		order := l.order(at.Epoch)
		for at.Position < n {
			end := min(at.Position+l.options.Batch, n)
			if !l.handOut(at, order[at.Position:end]) {
				return
			}
			at.Position = end
		}
	}
}

// order returns the rows of an epoch.
func (l *Loader) order(epoch uint64) []int {
	n := l.recipe.dataset.Len()
	if l.options.Shuffle {
		return Order(n, l.options.Seed, epoch)
	}
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	return order
}

// handOut makes a batch of the given rows, and returns whether to go on.
func (l *Loader) handOut(start Cursor, rows []int) bool {
	var b *Batch
	select {
	case b = <-l.free:
	case <-l.ctx.Done():
		return false
	}
	b.resize(len(rows))
	b.Start, b.End = start, Cursor{start.Epoch, start.Position + len(rows)}
	for i, row := range rows {
		b.Examples[i].Index = row
	}
	l.ready <- b // there is room: it holds as many as there are
	for i := range rows {
		select {
		case l.jobs <- job{b, i}:
		case <-l.ctx.Done():
			return false
		}
	}
	return true
}

func (l *Loader) work() {
	for j := range l.jobs {
		l.recipe.fill(&j.batch.Examples[j.index], j.batch.Start.Epoch)
		if j.batch.waiting.Add(-1) == 0 {
			close(j.batch.done)
		}
	}
}

// Next returns the next batch. It belongs to the caller until the next call of
// Next or Close. Behind the last batch the error is [io.EOF]. A row that cannot be
// used is no error here: [Example] says so.
func (l *Loader) Next() (*Batch, error) {
	if l.last != nil {
		l.free <- l.last // there is room: it holds as many as there are
		l.last = nil
	}
	if l.ctx.Err() != nil {
		return nil, context.Cause(l.ctx)
	}
	select {
	case b, ok := <-l.ready:
		if !ok && l.ctx.Err() == nil {
			return nil, io.EOF
		}
		if !ok {
			return nil, context.Cause(l.ctx)
		}
		select {
		case <-b.done:
			l.last = b
			return b, nil
		case <-l.ctx.Done():
		}
	case <-l.ctx.Done():
	}
	return nil, context.Cause(l.ctx)
}

// Close ends the work and waits for its end.
func (l *Loader) Close() {
	l.stop(errClosed)
	l.working.Wait()
}

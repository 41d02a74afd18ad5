package train

import (
	"megl-edge/runtime/model"
	"megl-edge/train/data"
	"megl-edge/train/loss"
)

// feeder makes what a step sees of examples.
type feeder struct {
	network *Network
	options *Options
	dataset *data.Dataset
	prior   *model.Prior
	// classWeight is how much each class counts, 1 on average over the photos.
	classWeight []float32
}

func newFeeder(n *Network, o *Options, d *data.Dataset, prior *model.Prior) *feeder {
	f := &feeder{network: n, options: o, dataset: d, prior: prior, classWeight: make([]float32, len(n.Labels))}
	counts, labelled, classes := make([]int, len(n.Labels)), 0, 0
	for i := range d.Len() {
		if class := d.Class(i); class != data.NoClass {
			if counts[class] == 0 {
				classes++
			}
			counts[class]++
			labelled++
		}
	}
	for class, count := range counts {
		f.classWeight[class] = 1
		if o.ClassWeights && count > 0 {
			f.classWeight[class] = float32(float64(labelled) / float64(count*classes))
		}
	}
	return f
}

// masked tells whether the mask of an example is used.
func (f *feeder) masked(e *data.Example) bool {
	return e.MaskWeight > 0 && chosen(f.dataset.Row(e.Index), f.options.MaskShare, f.options.Seed)
}

// parts returns a batch of examples as the parts of a step. Weights count by the
// photos that could be read; a batch that is not full is filled with photos of
// weight 0.
func (f *feeder) parts(examples []data.Example, epoch uint64) []Batch {
	size := f.options.Batch / f.options.Parts
	readable := 0
	for i := range examples {
		if !examples[i].Unreadable() {
			readable++
		}
	}
	batches := make([]Batch, (len(examples)+size-1)/size)
	for p := range batches {
		first := p * size
		batches[p] = f.batch(examples[first:min(first+size, len(examples))], size, 1/float32(max(1, readable)), epoch)
	}
	return batches
}

func (f *feeder) batch(examples []data.Example, size int, share float32, epoch uint64) Batch {
	n := f.network
	pixels, classes, cells := n.Preprocess.Height*n.Preprocess.Width, len(n.Labels), n.Height*n.Width
	b := Batch{
		Images: make([]uint8, size*pixels*3), Target: make([]float32, size*classes), Class: make([]int32, size),
		Mask: make([]float32, size*cells), MaskWeight: make([]float32, size),
		Prior: make([]float32, size*cells), PriorShare: make([]float32, size), Missing: make([]bool, size),
	}
	speaks, length := f.options.Losses.Speaks(), n.SentenceLength()
	if speaks {
		b.Told = make([]int32, size)
		b.Tokens, b.TokenWeight = make([]int32, size*length), make([]float32, size*length)
	}
	even := 1 / float32(max(1, cells))
	for i := range b.Prior {
		b.Prior[i] = even
	}
	for i := range b.Missing {
		b.Missing[i] = i >= len(examples) || examples[i].Unreadable()
	}
	for i := range examples {
		e := &examples[i]
		copy(b.Images[i*pixels*3:], e.Pixels)
		b.Class[i] = int32(e.Class) // NoClass: the most likely one
		if e.LabelWeight > 0 {
			f.target(b.Target[i*classes:][:classes], e.Class, share)
		}
		if speaks {
			b.Told[i] = b.Class[i]
			f.speak(&b, i, e, epoch, share)
		}
		switch {
		case e.Unreadable() || cells == 0:
		case f.masked(e):
			poolMask(b.Mask[i*cells:][:cells], e.Mask, n.Preprocess.Height, n.Preprocess.Width, n.Height, n.Width)
			b.MaskWeight[i] = share
		case f.prior != nil && !e.Moved:
			copy(b.Prior[i*cells:][:cells], priorOf(f.prior, e.Class, f.options.PriorPerClass))
			b.PriorShare[i] = share
		}
	}
	return b
}

// target writes the distribution that is asked for, times the weight of its class.
func (f *feeder) target(row []float32, class int, share float32) {
	weight := share * f.classWeight[class]
	even := weight * f.options.Smoothing / float32(len(row))
	for i := range row {
		row[i] = even
	}
	row[class] += weight - float32(weight*f.options.Smoothing)
}

// losses returns the losses of a step. Where every photo used has a mask there is
// no consistency to keep.
func (f *feeder) losses() loss.Losses {
	l := f.options.Losses
	l.Consistency = l.Consistency && f.prior != nil
	return l
}

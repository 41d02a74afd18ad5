package train

import (
	"context"
	"errors"
	"io"

	"megl-edge/runtime/model"
	"megl-edge/train/data"
	"megl-edge/train/loss"
)

// leastMasks is how many masks a class needs for a prior of its own.
const leastMasks = 5

// priorOf returns the distribution for a class.
func priorOf(p *model.Prior, class int, perClass bool) []float32 {
	if perClass && class >= 0 && class < len(p.Classes) && p.Classes[class] != nil {
		return p.Classes[class]
	}
	return p.All
}

// errNoMasks says that there is nothing to make a prior of.
var errNoMasks = errors.New("no photo of the training data has a mask: the consistency loss has no prior")

// priorEpoch is the epoch whose augmentation the prior sees: none that training
// reaches.
const priorEpoch = 1 << 40

// newPrior averages the masks of a data set that are used, each as one pass of
// training would see it, but none moved: where objects lie is what the prior is about.
func newPrior(ctx context.Context, n *Network, d *data.Dataset, used func(row data.Row) bool, o data.LoaderOptions) (*model.Prior, error) {
	p := &model.Prior{Height: n.Height, Width: n.Width, Classes: make([][]float32, len(n.Labels))}
	cells := n.Height * n.Width
	sums, counts := make([][]float64, len(n.Labels)), make([]int, len(n.Labels))
	all, masks := make([]float64, cells), 0
	masked := d.Subset(func(i int) bool { row := d.Row(i); return row.HasMask() && used(row) })
	if masked.Len() == 0 {
		return nil, errNoMasks
	}
	if o.Augment != nil {
		still := *o.Augment
		still.Shift = 0
		o.Augment = &still
	}
	o.Start, o.Epochs, o.Shuffle = data.Cursor{Epoch: priorEpoch}, 0, false
	loader, err := data.NewLoader(ctx, masked, o)
	if err != nil {
		return nil, err
	}
	defer loader.Close()
	cell := make([]float32, cells)
	for seen := 0; seen < masked.Len(); {
		batch, err := loader.Next()
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
		for _, e := range batch.Examples {
			seen++
			if e.MaskWeight == 0 {
				continue
			}
			poolMask(cell, e.Mask, n.Preprocess.Height, n.Preprocess.Width, n.Height, n.Width)
			if e.Class != data.NoClass {
				counts[e.Class]++
				sums[e.Class] = addTo(sums[e.Class], cell)
			}
			all, masks = addTo(all, cell), masks+1
		}
	}
	if masks == 0 {
		return nil, errNoMasks
	}
	p.All = mean(all, masks)
	for class, count := range counts {
		if count >= leastMasks {
			p.Classes[class] = mean(sums[class], count)
		}
	}
	return p, nil
}

func addTo(sum []float64, cell []float32) []float64 {
	if sum == nil {
		sum = make([]float64, len(cell))
	}
	for i, v := range cell {
		sum[i] += float64(v)
	}
	return sum
}

func mean(sum []float64, count int) []float32 {
	m := make([]float32, len(sum))
	for i, v := range sum {
		m[i] = float32(v / float64(count))
	}
	loss.Distribution(m)
	return m
}

// poolMask averages a mask over the cells of a map. Every cell gets the rows and
// columns from its share of the mask to the next one's.
func poolMask(cells, mask []float32, height, width, h, w int) {
	for i := range h {
		top, bottom := i*height/h, (i+1)*height/h
		for j := range w {
			left, right := j*width/w, (j+1)*width/w
			sum := 0.0
			for y := top; y < bottom; y++ {
				for _, v := range mask[y*width+left : y*width+right] {
					sum += float64(v)
				}
			}
			cells[i*w+j] = float32(sum / float64((bottom-top)*(right-left)))
		}
	}
}

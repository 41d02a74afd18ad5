package confidence

import (
	"context"
	"errors"
	"io"
	"math"
	"slices"

	"megl-edge/gradcam"
	"megl-edge/runtime/model"
	"megl-edge/runtime/tensor"
	"megl-edge/train/data"
)

// known is the share of the validation photos that stay below the threshold.
const known = 0.95

// ErrNoLabels says that no photo to validate with has a label of the model.
var ErrNoLabels = errors.New("no photo to validate with has a label of the model")

// Fit returns the confidence of a model: the temperature is fitted on the labels of val,
// the directions of the classes are those of rows, and of the photos of val 5 % count as
// unknown. Of a model without a target layer nothing is unknown. Both sets have the
// model's labels.
func Fit(ctx context.Context, m *model.Model, rows, val *data.Dataset, threads int) (*model.Confidence, error) {
	plain := *m
	plain.Confidence = nil
	c := &model.Confidence{}
	pooled := m.TargetLayer != ""
	var logits [][]float32
	var classes []int
	err := each(ctx, &plain, val, threads, false, func(x *gradcam.Explanation, class int) {
		if class != data.NoClass {
			logits, classes = append(logits, x.Logits), append(classes, class)
		}
	})
	if err != nil {
		return nil, err
	}
	if len(logits) == 0 {
		return nil, ErrNoLabels
	}
	c.Temperature = temperature(logits, classes)
	if !pooled {
		return c, nil
	}
	var means *directions
	err = each(ctx, &plain, rows, threads, true, func(x *gradcam.Explanation, class int) {
		if means == nil {
			means = newDirections(m.Classes(), len(x.Pooled))
		}
		if class != data.NoClass {
			means.add(x.Pooled, class)
		}
	})
	if err != nil {
		return nil, err
	}
	c.Means = means.tensor()
	plain.Confidence = c
	var scores []float32
	err = each(ctx, &plain, val, threads, false, func(x *gradcam.Explanation, _ int) { scores = append(scores, x.Unknown.Score) })
	slices.Sort(scores)
	if len(scores) > 0 {
		c.Threshold = scores[min(len(scores)-1, int(known*float64(len(scores))))]
	}
	return c, err
}

// each calls see with what a model says of every photo that can be read.
func each(ctx context.Context, m *model.Model, d *data.Dataset, threads int, pooled bool, see func(x *gradcam.Explanation, class int)) error {
	e, err := gradcam.NewExplainer(m, gradcam.Options{Threads: threads, NoMap: true, Pooled: pooled})
	if err != nil {
		return err
	}
	defer e.Close()
	loader, err := data.NewLoader(ctx, d, data.LoaderOptions{Preprocess: m.Preprocess, Batch: 1, Epochs: 1, Ahead: 8})
	if err != nil {
		return err
	}
	defer loader.Close()
	seen := 0
	for {
		batch, err := loader.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if batch.Examples[0].Unreadable() {
			continue
		}
		x, err := e.ExplainInput(batch.Examples[0].Pixels, gradcam.Automatic)
		if err != nil {
			return err
		}
		seen++
		see(x, batch.Examples[0].Class)
	}
	if seen == 0 {
		return errors.New("no photo could be read")
	}
	return nil
}

// directions are the sums of the directions of photos, class by class.
type directions struct {
	classes, channels int
	sums              []float64
}

func newDirections(classes, channels int) *directions {
	return &directions{classes, channels, make([]float64, classes*channels)}
}

func (d *directions) add(values []float32, class int) {
	length := lengthOf(values)
	if length == 0 {
		return
	}
	sum := d.sums[class*d.channels:][:d.channels]
	for i, v := range values {
		sum[i] += float64(v) / length
	}
}

// tensor returns the means, of length 1; zeros for a class without photos, which is
// then near to nothing.
func (d *directions) tensor() tensor.Tensor {
	values := make([]float32, len(d.sums))
	for class := range d.classes {
		sum := d.sums[class*d.channels:][:d.channels]
		length := lengthOf(sum)
		for i, v := range sum {
			if length > 0 {
				values[class*d.channels+i] = float32(v / length)
			}
		}
	}
	return tensor.Must(tensor.Of(tensor.Shape{d.classes, d.channels}, values))
}

// lengthOf rounds every step, so that it is the same on every processor.
func lengthOf[T float32 | float64](values []T) float64 {
	sum := 0.0
	for _, v := range values {
		sum += float64(float64(v) * float64(v))
	}
	return math.Sqrt(sum)
}

package train_test

import (
	"errors"
	"os"
	"strconv"
	"testing"

	"megl-edge/runtime/model"
	"megl-edge/train"
	"megl-edge/train/loss"
	"megl-edge/train/optim"
)

// BenchmarkStep times a step of training, optimizer included, of the model file in
// MEGL_BENCH_MODEL, with MEGL_BENCH_BATCH photos of MEGL_BENCH_SIDE pixels. With
// MEGL_BENCH_TARGET the loss has a heat map of that layer.
func BenchmarkStep(b *testing.B) {
	path := os.Getenv("MEGL_BENCH_MODEL")
	if path == "" {
		b.Skip("MEGL_BENCH_MODEL names no model file")
	}
	number := func(name string) int {
		n, err := strconv.Atoi(os.Getenv(name))
		if err != nil {
			b.Fatalf("%s: %v", name, err)
		}
		return n
	}
	m, err := model.Load(path)
	if err != nil {
		b.Fatal(err)
	}
	o := train.StepOptions{Batch: number("MEGL_BENCH_BATCH"), Losses: loss.Losses{Visual: loss.L1}}
	settings := train.Settings{Side: number("MEGL_BENCH_SIDE")}
	if settings.Target = os.Getenv("MEGL_BENCH_TARGET"); settings.Target != "" {
		o.Losses.LambdaVisual = 1
	}
	n, err := train.Prepare(m, settings)
	if err := errors.Join(err, m.Close()); err != nil {
		b.Fatal(err)
	}
	for _, threads := range []int{1, 2} {
		b.Run("threads="+strconv.Itoa(threads), func(b *testing.B) {
			o.Threads = threads
			s, err := train.NewStepper(n, o)
			if err != nil {
				b.Fatal(err)
			}
			defer s.Close()
			batch := randomBatch(n, o.Batch)
			sgd := optim.NewSGD(0.9, 0)
			sgd.Step(0, s.Parameters)
			for b.Loop() {
				if _, err := s.Run(batch); err != nil {
					b.Fatal(err)
				}
				sgd.Step(1e-3, s.Parameters)
			}
		})
	}
}

// randomBatch is a full batch of noise with labels and masks.
func randomBatch(n *train.Network, size int) train.Batch {
	var s source = 9
	pixels, cells, classes := n.Preprocess.Height*n.Preprocess.Width*3, n.Height*n.Width, len(n.Labels)
	b := train.Batch{
		Images: make([]uint8, size*pixels), Target: make([]float32, size*classes), Class: make([]int32, size),
		Mask: make([]float32, size*cells), MaskWeight: make([]float32, size),
	}
	for i := range b.Images {
		b.Images[i] = uint8(128 + 127*s.next())
	}
	for i := range b.Mask {
		b.Mask[i] = (1 + s.next()) / 2
	}
	for i := range size {
		b.Class[i] = int32(i % classes)
		b.Target[i*classes+i%classes] = 1 / float32(size)
		b.MaskWeight[i] = 1 / float32(size)
	}
	return b
}

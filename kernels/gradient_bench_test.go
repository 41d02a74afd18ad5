package kernels_test

import (
	"fmt"
	"testing"

	"megl-edge/kernels"
	"megl-edge/kernels/internal/kerneltest"
)

// resnet18 has the layers of ResNet-18 on 16 images of 64×64, and those of
// MobileNetV2 that are unlike them.
var resnet18 = []struct{ side, in, out, kernel, stride, groups int }{
	{64, 3, 64, 7, 2, 1},
	{16, 64, 64, 3, 1, 1},
	{16, 64, 128, 3, 2, 1},
	{16, 64, 128, 1, 2, 1},
	{8, 128, 128, 3, 1, 1},
	{4, 256, 256, 3, 1, 1},
	{2, 512, 512, 3, 1, 1},
	{16, 96, 24, 1, 1, 1},
	{32, 96, 96, 3, 2, 96},
	{16, 144, 144, 3, 1, 144},
}

// A training step computes a layer three times: forward, and its gradients with
// respect to image and filter.
func BenchmarkConvTraining(b *testing.B) {
	for _, l := range resnet18 {
		pad := l.kernel / 2
		out := (l.side+2*pad-l.kernel)/l.stride + 1
		s := kernels.ConvShape{
			Batch: 16, Height: l.side, Width: l.side, Channels: l.in, OutHeight: out, OutWidth: out, Filters: l.out,
			KernelHeight: l.kernel, KernelWidth: l.kernel, Stride: [2]int{l.stride, l.stride}, Dilation: [2]int{1, 1},
			PadTop: pad, PadLeft: pad, Groups: l.groups,
		}
		source := kerneltest.Source(31)
		nx, nw, ny := sizes(s)
		x, w, y := source.Float32s(nx), source.Float32s(nw), source.Float32s(ny)
		name := fmt.Sprintf("image=%d×%d×%d/filter=%d×%d×%d/stride=%d", l.side, l.side, l.in, l.kernel, l.kernel, l.out, l.stride)
		operations := 2 * ny * l.kernel * l.kernel * l.in / l.groups
		fixed := kernels.NewConvF32(s, w, nil)
		for pass, task := range map[string]kernels.Task{
			"forward, fixed": fixed.Bind(y, x, kernels.EpilogueF32{}, 1),
			"forward":        kernels.ConvF32Task(s, y, x, w, nil, kernels.EpilogueF32{}, 1),
			"image":          kernels.ConvInputGradF32Task(s, x, y, w, 1),
			"filter":         kernels.ConvFilterGradF32(s, w, x, y, 1),
		} {
			pool := kernels.NewPool(1)
			pool.Reserve(task)
			b.Run(name+"/"+pass, func(b *testing.B) {
				for b.Loop() {
					pool.Run(task)
				}
				b.ReportMetric(float64(operations)*float64(b.N)/float64(b.Elapsed().Nanoseconds()), "GOP/s")
			})
			pool.Close()
		}
	}
}

package kernels_test

import (
	"fmt"
	"testing"

	"megl-edge/kernels"
	"megl-edge/kernels/asm"
	"megl-edge/kernels/internal/kerneltest"
)

// convCases covers every path: pointwise, odd depth, stem, padding on one side,
// stride, dilation, groups, depthwise at and beside 3×3, batches, few and many
// filters, images smaller than the kernel.
var convCases = []struct {
	name                     string
	batch, h, w, c, filters  int
	kh, kw, stride, dilation int
	top, left, bottom, right int
	groups                   int
}{
	{"pointwise", 1, 7, 5, 32, 40, 1, 1, 1, 1, 0, 0, 0, 0, 1},
	{"pointwise, odd depth, one filter", 2, 3, 3, 7, 1, 1, 1, 1, 1, 0, 0, 0, 0, 1},
	{"pointwise, stride 2", 1, 7, 5, 6, 17, 1, 1, 2, 1, 0, 0, 0, 0, 1},
	{"stem", 1, 17, 15, 3, 16, 3, 3, 2, 1, 0, 0, 1, 1, 1},
	{"7×7 stem of two images", 2, 21, 23, 3, 18, 7, 7, 2, 1, 3, 3, 3, 3, 1},
	{"5×5, one channel, dilated", 1, 19, 18, 1, 3, 5, 5, 1, 2, 2, 4, 4, 2, 1},
	{"3×3", 1, 9, 8, 12, 33, 3, 3, 1, 1, 1, 1, 1, 1, 1},
	{"3×3, 32 channels", 2, 9, 8, 32, 16, 3, 3, 1, 1, 1, 1, 1, 1, 1},
	{"3×3, 41 channels, no padding", 1, 7, 6, 41, 20, 3, 3, 1, 1, 0, 0, 0, 0, 1},
	{"3×3, 48 channels, uneven padding", 1, 5, 31, 48, 33, 3, 3, 1, 1, 2, 0, 1, 2, 1},
	{"3×3, 33 channels, one line", 1, 1, 40, 33, 17, 3, 3, 1, 1, 1, 1, 1, 1, 1},
	{"3×3, dilated", 1, 9, 8, 5, 6, 3, 3, 1, 2, 2, 2, 2, 2, 1},
	{"5×2, uneven padding", 1, 6, 9, 4, 20, 5, 2, 1, 1, 3, 1, 0, 0, 1},
	{"two groups", 1, 6, 6, 10, 36, 3, 3, 1, 1, 1, 1, 1, 1, 2},
	{"kernel larger than the image", 1, 2, 2, 3, 4, 5, 5, 1, 1, 2, 2, 2, 2, 1},
	{"depthwise", 2, 7, 9, 24, 24, 3, 3, 1, 1, 1, 1, 1, 1, 24},
	{"depthwise, stride 2", 1, 8, 11, 35, 35, 3, 3, 2, 1, 0, 0, 1, 1, 35},
	{"depthwise, dilated", 1, 7, 6, 16, 16, 3, 3, 1, 2, 2, 2, 2, 2, 16},
	{"depthwise, narrow image", 1, 4, 2, 9, 9, 3, 3, 1, 1, 1, 1, 1, 1, 9},
	{"depthwise, one column", 1, 3, 1, 8, 8, 3, 3, 2, 1, 1, 1, 1, 1, 8},
	{"depthwise 5×5", 1, 7, 6, 6, 6, 5, 5, 1, 1, 2, 2, 2, 2, 6},
	{"depthwise 5×5, stride 2", 2, 9, 10, 40, 40, 5, 5, 2, 1, 1, 2, 2, 1, 40},
	{"depthwise 7×7", 1, 8, 9, 20, 20, 7, 7, 1, 1, 3, 3, 3, 3, 20},
	{"depthwise 2×5, dilated", 1, 9, 11, 17, 17, 2, 5, 1, 2, 0, 4, 1, 4, 17},
	{"depthwise 5×5 of a small image", 1, 2, 1, 16, 16, 5, 5, 1, 1, 2, 2, 2, 2, 16},
	{"depthwise 9×9", 1, 9, 9, 4, 4, 9, 9, 1, 1, 4, 4, 4, 4, 4},
	{"pointwise, stride 2, of a padded image", 1, 6, 7, 5, 20, 1, 1, 2, 1, 1, 1, 1, 1, 1},
	{"3×3, stride 3", 2, 8, 9, 6, 17, 3, 3, 3, 1, 1, 0, 1, 2, 1},
	{"3×3, stride 2, dilated", 1, 9, 10, 4, 18, 3, 3, 2, 2, 2, 1, 0, 2, 1},
	{"2×3, stride 2, dilation 3, two groups", 1, 12, 11, 6, 8, 2, 3, 2, 3, 1, 3, 2, 3, 2},
	{"2×2, stride 4", 1, 10, 9, 3, 5, 2, 2, 4, 1, 0, 0, 0, 0, 1},
	{"depthwise, stride 3", 1, 8, 9, 11, 11, 3, 3, 3, 1, 1, 1, 1, 1, 11},
	{"depthwise 1×1, stride 2", 1, 5, 6, 9, 9, 1, 1, 2, 1, 0, 0, 0, 0, 9},
	{"two filters a channel", 1, 5, 5, 4, 8, 3, 3, 1, 1, 1, 1, 1, 1, 4},
	{"3×3, stride 2, 32 channels in two groups", 2, 9, 8, 32, 34, 3, 3, 2, 1, 1, 1, 0, 1, 2},
	{"depthwise, 70 channels", 2, 5, 4, 70, 70, 3, 3, 1, 1, 1, 1, 1, 1, 70},
	{"many positions", 1, 40, 31, 8, 16, 1, 1, 1, 1, 0, 0, 0, 0, 1},
}

func shapes(t *testing.T, each func(t *testing.T, s kernels.ConvShape)) {
	for _, c := range convCases {
		t.Run(c.name, func(t *testing.T) {
			each(t, kernels.ConvShape{
				Batch: c.batch, Height: c.h, Width: c.w, Channels: c.c, Filters: c.filters,
				OutHeight:    (c.h+c.top+c.bottom-(c.kh-1)*c.dilation-1)/c.stride + 1,
				OutWidth:     (c.w+c.left+c.right-(c.kw-1)*c.dilation-1)/c.stride + 1,
				KernelHeight: c.kh, KernelWidth: c.kw,
				Stride: [2]int{c.stride, c.stride}, Dilation: [2]int{c.dilation, c.dilation},
				PadTop: c.top, PadLeft: c.left, Groups: c.groups,
			})
		})
	}
}

// forEachOutput walks the outputs of a convolution and, for each, its products
// in the order of the definition: x is the image's index, or −1 in the padding.
func forEachOutput(s kernels.ConvShape, output func(at, filter int, products func(func(x, w int)))) {
	in := s.Channels / s.Groups
	for at := range s.Batch * s.OutHeight * s.OutWidth * s.Filters {
		filter := at % s.Filters
		ox, oy := at/s.Filters%s.OutWidth, at/s.Filters/s.OutWidth%s.OutHeight
		n := at / s.Filters / s.OutWidth / s.OutHeight
		group := filter / (s.Filters / s.Groups)
		output(at, filter, func(product func(x, w int)) {
			for ky := range s.KernelHeight {
				for kx := range s.KernelWidth {
					iy, ix := oy*s.Stride[0]-s.PadTop+ky*s.Dilation[0], ox*s.Stride[1]-s.PadLeft+kx*s.Dilation[1]
					for c := range in {
						x := -1
						if iy >= 0 && iy < s.Height && ix >= 0 && ix < s.Width {
							x = ((n*s.Height+iy)*s.Width+ix)*s.Channels + group*in + c
						}
						product(x, ((filter*s.KernelHeight+ky)*s.KernelWidth+kx)*in+c)
					}
				}
			}
		})
	}
}

// run computes a task with its own pool.
func run(threads int, bind func(threads int) kernels.Task) {
	pool := kernels.NewPool(threads)
	defer pool.Close()
	task := bind(threads)
	pool.Reserve(task)
	pool.Run(task)
}

func eachLevel(t *testing.T, check func(name string, threads int)) {
	for _, level := range asm.Levels() {
		for _, threads := range []int{1, 2, 7} {
			restore := asm.Force(level)
			check(fmt.Sprintf("level %v, %d threads", level, threads), threads)
			restore()
		}
	}
}

func sizes(s kernels.ConvShape) (x, w, y int) {
	return s.Batch * s.Height * s.Width * s.Channels, s.Filters * s.KernelHeight * s.KernelWidth * s.Channels / s.Groups,
		s.Batch * s.OutHeight * s.OutWidth * s.Filters
}

func TestConvS8(t *testing.T) {
	shapes(t, func(t *testing.T, s kernels.ConvShape) {
		source := kerneltest.Source(11)
		nx, nw, ny := sizes(s)
		x, w, residual := source.Int8s(nx), source.Int8s(nw), source.Int8s(ny)
		bias := source.Int32s(s.Filters, 14)
		scale := make([]float32, s.Filters)
		for i := range scale {
			scale[i] = 0.001 + float32(i%7)/5000
		}
		const xZero = -17
		output := asm.OutputS8{ZeroPoint: 4, Min: -100, Max: 127}
		add := kernels.ResidualS8{
			Value: residual, Own: asm.OperandS8{Scale: 0.7, ZeroPoint: 4}, Other: asm.OperandS8{Scale: 0.3, ZeroPoint: -9},
			Output: asm.OutputS8{ZeroPoint: -2, Min: -128, Max: 127},
		}
		for variant, wZero := range []int32{0, 23, 0} {
			if variant == 2 { // weights of 7 bits
				for i := range w {
					w[i] /= 2
				}
			}
			want, wantAdded := make([]int8, ny), make([]int8, ny)
			forEachOutput(s, func(at, filter int, products func(func(x, w int))) {
				sum := bias[filter]
				products(func(xi, wi int) {
					if xi >= 0 {
						sum += (int32(x[xi]) - xZero) * (int32(w[wi]) - wZero)
					}
				})
				want[at] = output.Quantize(float32(sum) * scale[filter])
				wantAdded[at] = add.Output.Quantize(float32(add.Own.Real(want[at])) + float32(add.Other.Real(residual[at])))
			})
			eachLevel(t, func(name string, threads int) {
				conv := kernels.NewConvS8(s, w, wZero, bias, scale, xZero, output, threads > 1 && variant > 0)
				got := make([]int8, ny)
				run(threads, func(threads int) kernels.Task { return conv.Bind(got, x, nil, threads) })
				same(t, name, got, want)
				run(threads, func(threads int) kernels.Task { return conv.Bind(got, x, &add, threads) })
				same(t, name+", residual", got, wantAdded)
			})
		}
	})
}

func TestConvF32(t *testing.T) {
	shapes(t, func(t *testing.T, s kernels.ConvShape) {
		source := kerneltest.Source(12)
		nx, nw, ny := sizes(s)
		x, w, residual, bias := source.Float32s(nx), source.Float32s(nw), source.Float32s(ny), source.Float32s(s.Filters)
		want := make([]float32, ny)
		forEachOutput(s, func(at, filter int, products func(func(x, w int))) {
			want[at] = bias[filter]
			products(func(xi, wi int) {
				var v float32
				if xi >= 0 {
					v = x[xi]
				}
				want[at] = asm.FMAF32(v, w[wi], want[at])
			})
		})
		clamp := func(v float32) float32 { return min(max(v, -2), 3) }
		conv := kernels.NewConvF32(s, w, bias)
		for name, c := range map[string]struct {
			epilogue kernels.EpilogueF32
			finish   func(v, r float32) float32
		}{
			"plain":               {kernels.EpilogueF32{}, func(v, _ float32) float32 { return v }},
			"clamp":               {kernels.EpilogueF32{Clamp: true, Min: -2, Max: 3}, func(v, _ float32) float32 { return clamp(v) }},
			"residual":            {kernels.EpilogueF32{Residual: residual}, func(v, r float32) float32 { return v + r }},
			"residual then clamp": {kernels.EpilogueF32{Clamp: true, Min: -2, Max: 3, Residual: residual}, func(v, r float32) float32 { return clamp(v + r) }},
			"clamp then residual": {kernels.EpilogueF32{Clamp: true, ClampFirst: true, Min: -2, Max: 3, Residual: residual}, func(v, r float32) float32 { return clamp(v) + r }},
		} {
			finished := make([]float32, ny)
			for i := range want {
				finished[i] = c.finish(want[i], residual[i])
			}
			eachLevel(t, func(level string, threads int) {
				got := make([]float32, ny)
				run(threads, func(threads int) kernels.Task { return conv.Bind(got, x, c.epilogue, threads) })
				same(t, name+", "+level, got, finished)
				run(threads, func(threads int) kernels.Task {
					return kernels.ConvF32Task(s, got, x, w, bias, c.epilogue, threads)
				})
				same(t, name+", filter packed in the run, "+level, got, finished)
			})
		}
	})
}

// The gradient is the adjoint: its element is the chain over the result's
// elements that the image's element goes into, in row-major order.
func TestConvInputGradF32(t *testing.T) {
	shapes(t, func(t *testing.T, s kernels.ConvShape) {
		source := kerneltest.Source(13)
		nx, nw, ny := sizes(s)
		dy, w := source.Float32s(ny), source.Float32s(nw)
		want := make([]float32, nx)
		in, out := s.Channels/s.Groups, s.Filters/s.Groups
		for i := range want {
			c := i % s.Channels
			ix, iy, n := i/s.Channels%s.Width, i/s.Channels/s.Width%s.Height, i/s.Channels/s.Width/s.Height
			for ky := s.KernelHeight - 1; ky >= 0; ky-- {
				for kx := s.KernelWidth - 1; kx >= 0; kx-- {
					oy, ox := iy+s.PadTop-ky*s.Dilation[0], ix+s.PadLeft-kx*s.Dilation[1]
					if oy%s.Stride[0] != 0 || ox%s.Stride[1] != 0 {
						continue
					}
					inside := oy >= 0 && ox >= 0 && oy/s.Stride[0] < s.OutHeight && ox/s.Stride[1] < s.OutWidth
					for o := range out {
						filter := c/in*out + o
						var d float32
						if inside {
							d = dy[((n*s.OutHeight+oy/s.Stride[0])*s.OutWidth+ox/s.Stride[1])*s.Filters+filter]
						}
						want[i] = asm.FMAF32(d, w[((filter*s.KernelHeight+ky)*s.KernelWidth+kx)*in+c%in], want[i])
					}
				}
			}
		}
		conv := kernels.NewConvInputGradF32(s, w)
		eachLevel(t, func(name string, threads int) {
			got := source.Float32s(nx)
			run(threads, func(threads int) kernels.Task { return conv.Bind(got, dy, threads) })
			same(t, name, got, want)
			got = source.Float32s(nx)
			run(threads, func(threads int) kernels.Task { return kernels.ConvInputGradF32Task(s, got, dy, w, threads) })
			same(t, name+", filter packed in the run", got, want)
		})
	})
}

// An element of the filter is the chain over the result's positions, in order.
func TestConvFilterGradF32(t *testing.T) {
	shapes(t, func(t *testing.T, s kernels.ConvShape) {
		source := kerneltest.Source(14)
		nx, nw, ny := sizes(s)
		x, dy := source.Float32s(nx), source.Float32s(ny)
		want := make([]float32, nw)
		forEachOutput(s, func(at, _ int, products func(func(x, w int))) {
			products(func(xi, wi int) {
				var v float32
				if xi >= 0 {
					v = x[xi]
				}
				want[wi] = asm.FMAF32(dy[at], v, want[wi])
			})
		})
		eachLevel(t, func(name string, threads int) {
			got := source.Float32s(nw)
			run(threads, func(threads int) kernels.Task { return kernels.ConvFilterGradF32(s, got, x, dy, threads) })
			same(t, name, got, want)
		})
	})
}

// Filters that are packed in the run lie in the pool's memory, one layer's after
// another's.
func TestPackedFiltersShareMemory(t *testing.T) {
	for _, threads := range []int{1, 3} {
		pool := kernels.NewPool(threads)
		shapes(t, func(t *testing.T, s kernels.ConvShape) {
			source := kerneltest.Source(17)
			nx, nw, ny := sizes(s)
			x, w, dy := source.Float32s(nx), source.Float32s(nw), source.Float32s(ny)
			got, want := make([]float32, ny), make([]float32, ny)
			dx, wantDx := make([]float32, nx), make([]float32, nx)
			for _, task := range []kernels.Task{
				kernels.ConvF32Task(s, got, x, w, nil, kernels.EpilogueF32{}, threads),
				kernels.ConvInputGradF32Task(s, dx, dy, w, threads),
			} {
				pool.Reserve(task)
				pool.Run(task)
			}
			run(1, func(int) kernels.Task { return kernels.NewConvF32(s, w, nil).Bind(want, x, kernels.EpilogueF32{}, 1) })
			run(1, func(int) kernels.Task { return kernels.NewConvInputGradF32(s, w).Bind(wantDx, dy, 1) })
			same(t, fmt.Sprintf("result, %d threads", threads), got, want)
			same(t, fmt.Sprintf("gradient, %d threads", threads), dx, wantDx)
		})
		pool.Close()
	}
}

func same[T kerneltest.Number](t *testing.T, name string, got, want []T) {
	t.Helper()
	for i := range want {
		if !kerneltest.Same(got[i], want[i]) {
			t.Fatalf("%s: element %d is %v, want %v", name, i, got[i], want[i])
		}
	}
}

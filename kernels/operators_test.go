package kernels_test

import (
	"math"
	"testing"

	"megl-edge/kernels"
	"megl-edge/kernels/asm"
	"megl-edge/kernels/internal/kerneltest"
)

func TestMatMulF32(t *testing.T) {
	source := kerneltest.Source(21)
	for _, s := range []kernels.MatMulShape{
		{Batch: 1, M: 1, K: 1, N: 1}, {Batch: 2, M: 7, K: 9, N: 33}, {Batch: 3, M: 13, K: 20, N: 16},
		{Batch: 1, M: 5, K: 0, N: 3}, {Batch: 1, M: 130, K: 131, N: 40}, {Batch: 1, M: 50, K: 257, N: 250}, {Batch: 9, M: 4, K: 3, N: 5},
	} {
		for _, transpose := range [][2]bool{{false, false}, {true, false}, {false, true}, {true, true}} {
			s.TransposeA, s.TransposeB = transpose[0], transpose[1]
			a, b := source.Float32s(s.Batch*s.M*s.K), source.Float32s(s.Batch*s.K*s.N)
			want := make([]float32, s.Batch*s.M*s.N)
			for i := range want {
				n, row, col := i/s.N/s.M, i/s.N%s.M, i%s.N
				for k := range s.K {
					ai, bi := (n*s.M+row)*s.K+k, (n*s.K+k)*s.N+col
					if s.TransposeA {
						ai = (n*s.K+k)*s.M + row
					}
					if s.TransposeB {
						bi = (n*s.N+col)*s.K + k
					}
					want[i] = asm.FMAF32(a[ai], b[bi], want[i])
				}
			}
			eachLevel(t, func(name string, threads int) {
				got := make([]float32, len(want))
				run(threads, func(threads int) kernels.Task { return kernels.MatMulF32(s, got, a, b, threads) })
				same(t, name, got, want)
			})
		}
	}
}

var poolShapes = []kernels.PoolShape{
	{Batch: 1, Height: 7, Width: 7, Channels: 20, OutHeight: 1, OutWidth: 1, Kernel: [2]int{7, 7}, Stride: [2]int{1, 1}},
	{Batch: 2, Height: 6, Width: 5, Channels: 3, OutHeight: 3, OutWidth: 3, Kernel: [2]int{3, 2}, Stride: [2]int{2, 2}, PadTop: 1, PadLeft: 1},
	{Batch: 1, Height: 4, Width: 4, Channels: 17, OutHeight: 4, OutWidth: 4, Kernel: [2]int{3, 3}, Stride: [2]int{1, 1}, PadTop: 1, PadLeft: 1, CountPadding: true},
}

// forEachWindow walks the windows of a pooling: indices of the image's elements,
// row by row, and what an average divides by.
func forEachWindow(s kernels.PoolShape, each func(at int, window []int, count int)) {
	for at := range s.Batch * s.OutHeight * s.OutWidth * s.Channels {
		c, ox := at%s.Channels, at/s.Channels%s.OutWidth
		oy, n := at/s.Channels/s.OutWidth%s.OutHeight, at/s.Channels/s.OutWidth/s.OutHeight
		var window []int
		for ky := range s.Kernel[0] {
			for kx := range s.Kernel[1] {
				y, x := oy*s.Stride[0]-s.PadTop+ky, ox*s.Stride[1]-s.PadLeft+kx
				if y >= 0 && y < s.Height && x >= 0 && x < s.Width {
					window = append(window, ((n*s.Height+y)*s.Width+x)*s.Channels+c)
				}
			}
		}
		count := len(window)
		if s.CountPadding {
			count = s.Kernel[0] * s.Kernel[1]
		}
		each(at, window, count)
	}
}

func TestPooling(t *testing.T) {
	const xZero, ratio = 11, 0.75
	output := asm.OutputS8{ZeroPoint: -5, Min: -128, Max: 127}
	for _, s := range poolShapes {
		source := kerneltest.Source(22)
		nx, ny := s.Batch*s.Height*s.Width*s.Channels, s.Batch*s.OutHeight*s.OutWidth*s.Channels
		f, q := source.Float32s(nx), source.Int8s(nx)
		maxF, avgF, maxQ, avgQ := make([]float32, ny), make([]float32, ny), make([]int8, ny), make([]int8, ny)
		forEachWindow(s, func(at int, window []int, count int) {
			maxF[at], maxQ[at] = float32(math.Inf(-1)), -128
			var sumF float32
			var sumQ int32
			for _, i := range window {
				maxF[at], maxQ[at] = max(maxF[at], f[i]), max(maxQ[at], q[i])
				sumF += f[i]
				sumQ += int32(q[i]) - xZero
			}
			avgF[at] = sumF / float32(count)
			avgQ[at] = output.Quantize(float32(sumQ) * float32(float32(ratio)/float32(count)))
		})
		eachLevel(t, func(name string, threads int) {
			gotF, gotQ := make([]float32, ny), make([]int8, ny)
			run(threads, func(int) kernels.Task { return kernels.MaxPoolF32(s, gotF, f) })
			same(t, "maximum float32, "+name, gotF, maxF)
			run(threads, func(int) kernels.Task { return kernels.AvgPoolF32(s, gotF, f) })
			same(t, "average float32, "+name, gotF, avgF)
			run(threads, func(int) kernels.Task { return kernels.MaxPoolS8(s, gotQ, q) })
			same(t, "maximum int8, "+name, gotQ, maxQ)
			run(threads, func(int) kernels.Task { return kernels.AvgPoolS8(s, gotQ, q, xZero, ratio, output) })
			same(t, "average int8, "+name, gotQ, avgQ)
		})
	}
}

// The pixel of the maximum holds it, and none before it does.
func TestArgMaxPool(t *testing.T) {
	source := kerneltest.Source(24)
	for _, s := range poolShapes {
		x := source.Int8s(s.Batch * s.Height * s.Width * s.Channels)
		f := make([]float32, len(x))
		for i := range x {
			x[i] &= 7 // many are equal
			f[i] = float32(x[i])
		}
		n := s.Batch * s.OutHeight * s.OutWidth * s.Channels
		want := make([]int32, n)
		forEachWindow(s, func(at int, window []int, _ int) {
			best := window[0]
			for _, i := range window {
				if x[i] > x[best] {
					best = i
				}
			}
			want[at] = int32(best / s.Channels % (s.Height * s.Width))
		})
		eachLevel(t, func(name string, threads int) {
			got := make([]int32, n)
			run(threads, func(int) kernels.Task { return kernels.ArgMaxPool(s, got, x) })
			same(t, "int8, "+name, got, want)
			clear(got)
			run(threads, func(int) kernels.Task { return kernels.ArgMaxPool(s, got, f) })
			same(t, "float32, "+name, got, want)
		})
	}
}

func TestScatterAddElementsF32(t *testing.T) {
	source := kerneltest.Source(25)
	for _, c := range []struct {
		shape, from []int
		axis        int
	}{
		{[]int{5}, []int{9}, 0},
		{[]int{3, 7, 70}, []int{2, 9, 65}, 1},
		{[]int{4, 3, 2}, []int{4, 1, 8}, 2},
		{[]int{6, 130}, []int{20, 130}, 0},
	} {
		nx, ny := 1, 1
		for i := range c.shape {
			nx, ny = nx*c.from[i], ny*c.shape[i]
		}
		x, indices := source.Float32s(nx), make([]int32, nx)
		want := make([]float32, ny)
		strides := kernels.Strides(c.shape)
		for i := range x {
			indices[i] = int32(source.Intn(c.shape[c.axis]+4) - 2)
			at, rest := 0, i
			for axis := len(c.from) - 1; axis >= 0; axis-- {
				place := rest % c.from[axis]
				rest /= c.from[axis]
				if axis == c.axis {
					place = min(max(int(indices[i]), 0), c.shape[axis]-1)
				}
				at += place * strides[axis]
			}
			want[at] += x[i]
		}
		eachLevel(t, func(name string, threads int) {
			got := source.Float32s(ny)
			run(threads, func(int) kernels.Task {
				return kernels.ScatterAddElementsF32(c.shape, c.from, c.axis, got, x, indices)
			})
			same(t, name, got, want)
		})
	}
}

func TestReduceF32(t *testing.T) {
	source := kerneltest.Source(23)
	for _, s := range []kernels.ReduceShape{{1, 49, 33}, {1, 9, 300}, {3, 40, 1}, {5, 1, 7}, {2, 0, 4}} {
		x := source.Float32s(s.Outer * s.Reduced * s.Inner)
		want := make([]float32, s.Outer*s.Inner)
		for i := range want {
			o, inner := i/s.Inner, i%s.Inner
			lanes := make([]float32, 16)
			for r := range s.Reduced {
				lane := 0
				if s.Inner == 1 {
					lane = r % 16
				}
				lanes[lane] += x[(o*s.Reduced+r)*s.Inner+inner]
			}
			for half := 8; half > 0; half /= 2 {
				for l := range half {
					lanes[l] += lanes[l+half]
				}
			}
			want[i] = lanes[0] / 3
		}
		eachLevel(t, func(name string, threads int) {
			got := make([]float32, len(want))
			run(threads, func(int) kernels.Task { return kernels.ReduceSumF32(s, got, x, 3) })
			same(t, name, got, want)
		})
	}
}

func TestReduceExtremes(t *testing.T) {
	x := []float32{3, -1, 2, 7, 0, 7}
	got := make([]float32, 2)
	run(1, func(int) kernels.Task {
		return kernels.ReduceMaxF32(kernels.ReduceShape{Outer: 1, Reduced: 3, Inner: 2}, got, x)
	})
	same(t, "maximum", got, []float32{3, 7})
	run(1, func(int) kernels.Task {
		return kernels.ReduceMinF32(kernels.ReduceShape{Outer: 2, Reduced: 3, Inner: 1}, got, x)
	})
	same(t, "minimum", got, []float32{-1, 0})
}

func TestBroadcast(t *testing.T) {
	a, b := []float32{1, 2, 3}, []float32{10, 20}
	got := make([]float32, 6)
	run(2, func(int) kernels.Task {
		return kernels.MapBinary([]int{2, 3}, []int{3}, []int{2, 1}, got, a, b, kernels.Sub[float32])
	})
	same(t, "2×3 from 3 and 2×1", got, []float32{-9, -8, -7, -19, -18, -17})
}

func TestMoves(t *testing.T) {
	x := []float32{0, 1, 2, 3, 4, 5}
	got := make([]float32, 6)
	run(1, func(int) kernels.Task { return kernels.Strided([]int{3, 2}, []int{1, 3}, 0, got, x) })
	same(t, "transposed 2×3", got, []float32{0, 3, 1, 4, 2, 5})
	run(1, func(int) kernels.Task { return kernels.Strided([]int{2, 2}, []int{3, 1}, 1, got[:4], x) })
	same(t, "sliced columns 1 to 2", got[:4], []float32{1, 2, 4, 5})
	padded := make([]float32, 12)
	run(1, func(int) kernels.Task { return kernels.Place([]int{2, 3}, []int{4, 1}, 4, padded, x, true, -1) })
	same(t, "padded", padded, []float32{-1, -1, -1, -1, 0, 1, 2, -1, 3, 4, 5, -1})
	run(1, func(int) kernels.Task { return kernels.Gather(1, 3, 2, got, x, []int32{2, -5, 99}) })
	same(t, "gathered, indices clamped", got, []float32{4, 5, 0, 1, 4, 5})
}

func TestOneHotAndArgMax(t *testing.T) {
	got := make([]float32, 6)
	run(1, func(int) kernels.Task { return kernels.OneHot(3, got, []int32{1, 7}) })
	same(t, "one-hot, index outside gives zeros", got, []float32{0, 1, 0, 0, 0, 0})
	index := make([]int32, 2)
	run(1, func(int) kernels.Task { return kernels.ArgMax(index, []float32{1, 5, 5, -3, -2, -4}, 3) })
	same(t, "first of equals", index, []int32{1, 1})
}

func TestSelectAndGreater(t *testing.T) {
	condition := make([]bool, 3)
	run(1, func(int) kernels.Task {
		return kernels.MapBinary([]int{3}, []int{3}, nil, condition, []float32{1, 2, 3}, []float32{2}, kernels.Greater[float32])
	})
	got := make([]float32, 3)
	run(1, func(int) kernels.Task {
		return kernels.Select([]int{3}, []int{3}, []int{3}, nil, got, condition, []float32{7, 8, 9}, []float32{0})
	})
	same(t, "selected", got, []float32{0, 0, 9})
}

func TestQuantizeDequantize(t *testing.T) {
	output := asm.OutputS8{ZeroPoint: 3, Min: -128, Max: 127}
	x := []float32{-100, -0.25, 0, 0.25, 0.75, 1.25, 100}
	q := make([]int8, len(x))
	run(1, func(int) kernels.Task { return kernels.QuantizeF32S8(q, x, 0.5, output) })
	same(t, "quantized, ties to even", q, []int8{-128, 3, 3, 3, 5, 5, 127})
	real := make([]float32, 4)
	run(1, func(int) kernels.Task {
		return kernels.Dequantize(real, []int8{1, 2, 3, 4}, 2, 1, []float32{2, 10}, []int32{0, 1})
	})
	same(t, "dequantized per channel", real, []float32{2, 10, 6, 30})
}

func TestUnaryFunctions(t *testing.T) {
	for x := float32(-12); x <= 12; x += 0.25 {
		exact := 1 / (1 + math.Exp(-float64(x)))
		if got := kernels.SigmoidF32(x); math.Abs(float64(got)-exact) > 1e-7*(1+exact) {
			t.Errorf("sigmoid(%v) = %v, want %v", x, got, exact)
		}
		if got, want := kernels.HardSwishF32(x), x*min(max(x+3, 0), 6)/6; math.Abs(float64(got-want)) > 1e-6 {
			t.Errorf("hard swish(%v) = %v, want %v", x, got, want)
		}
	}
	if got := kernels.SqrtF32(2); got != float32(math.Sqrt2) {
		t.Errorf("√2 = %v", got)
	}
}

package microbench

import (
	"fmt"
	"math"

	"megl-edge/kernels"
	"megl-edge/kernels/asm"
)

// elementwise are the kernels whose work is counted in values: one image or one
// layer of tokens each.
func elementwise() []Case {
	var (
		output = asm.OutputS8{Min: -128, Max: 127}
		half   = asm.OperandS8{Scale: 0.5}
		image  = square(28, 192, 192, 1, 192)
		window = kernels.PoolShape{
			Batch: 1, Height: image.Height, Width: image.Width, Channels: image.Channels,
			OutHeight: image.Height / 2, OutWidth: image.Width / 2, Kernel: [2]int{2, 2}, Stride: [2]int{2, 2},
		}
		pixels = image.Height * image.Width
		n      = pixels * image.Channels
		tokens = 197
	)
	shape := fmt.Sprintf("%d×%d×%d", image.Height, image.Width, image.Channels)
	values := func(kernel, shape string, count int, prepare func() kernels.Task) Case {
		return Case{kernel, shape, 1, Values, float64(count), func(int) kernels.Task { return prepare() }}
	}
	rows := func(kernel string, f func(y, x []float32)) Case {
		return values(kernel+" float32", fmt.Sprint(n), n, func() kernels.Task {
			return kernels.MapRowsF32(make([]float32, n), float32s(n), f)
		})
	}
	return []Case{
		values("requantize", fmt.Sprintf("%d×%d", pixels, image.Channels), n, func() kernels.Task {
			acc, addend, bias := repeated(n, int32(1000)), make([]int32, pixels), make([]int32, image.Channels)
			dst, scale := make([]int8, n), repeated(image.Channels, float32(0.01))
			return kernels.Func(func() {
				asm.RequantizeS32S8(dst, image.Channels, acc, image.Channels, addend, bias, scale, pixels, image.Channels, output)
			})
		}),
		values("quantize", fmt.Sprint(n), n, func() kernels.Task {
			return kernels.QuantizeF32S8(make([]int8, n), float32s(n), 0.01, output)
		}),
		values("add int8", fmt.Sprint(n), n, func() kernels.Task {
			return kernels.SumOfS8(make([]int8, n), int8s(n, 127), int8s(n, 127), half, half, output)
		}),
		values("add float32", fmt.Sprint(n), n, func() kernels.Task {
			return kernels.SumOfF32(make([]float32, n), float32s(n), float32s(n))
		}),
		values("clamp float32", fmt.Sprint(n), n, func() kernels.Task {
			return kernels.ClampOfF32(make([]float32, n), float32s(n), 0, float32(math.Inf(1)))
		}),
		values("maximum pooling int8", shape, n, func() kernels.Task {
			return kernels.MaxPoolS8(window, make([]int8, n/4), int8s(n, 127))
		}),
		values("maximum pooling float32", shape, n, func() kernels.Task {
			return kernels.MaxPoolF32(window, make([]float32, n/4), float32s(n))
		}),
		values("average pooling int8", shape, n, func() kernels.Task {
			return kernels.AvgPoolS8(window, make([]int8, n/4), int8s(n, 127), 0, 1, output)
		}),
		values("average pooling float32", shape, n, func() kernels.Task {
			return kernels.AvgPoolF32(window, make([]float32, n/4), float32s(n))
		}),
		values("softmax float32", fmt.Sprintf("%d×%d", tokens, tokens), tokens*tokens, func() kernels.Task {
			return kernels.SoftmaxRowsF32(make([]float32, tokens*tokens), float32s(tokens*tokens), tokens)
		}),
		values("layer normalisation float32", fmt.Sprintf("%d×%d", tokens, image.Channels), tokens*image.Channels, func() kernels.Task {
			n := tokens * image.Channels
			one := repeated(image.Channels, float32(1))
			return kernels.LayerNormF32(make([]float32, n), float32s(n), one, one, 1e-6)
		}),
		rows("gelu", asm.GeluOfF32), rows("erf", asm.ErfOfF32), rows("tanh", asm.TanhOfF32), rows("log", asm.LogOfF32),
	}
}

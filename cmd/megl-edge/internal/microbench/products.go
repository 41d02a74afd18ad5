package microbench

import (
	"fmt"

	"megl-edge/kernels"
)

// Cases returns every case: the shapes are of networks for photos of 224×224,
// MobileNetV2, ResNet and ViT-Tiny. One thread computes, and in the largest
// matrix products once more all of the given number.
func Cases(threads int) []Case {
	var cases []Case
	for _, p := range [][3]int{{3136, 24, 144}, {196, 576, 96}, {49, 960, 160}, {1024, 1024, 1024}} {
		cases = append(cases, products(p[0], p[1], p[2], 1)...)
	}
	if threads > 1 {
		cases = append(cases, products(1024, 1024, 1024, threads)...)
	}
	cases = append(cases, dynamicProducts()...)
	for _, s := range []kernels.ConvShape{
		square(224, 3, 32, 2, 1), square(56, 64, 64, 1, 1), square(14, 256, 256, 1, 1),
		square(112, 32, 32, 1, 32), square(56, 144, 144, 2, 144), square(14, 576, 576, 1, 576),
	} {
		cases = append(cases, convolutions(s)...)
	}
	return append(cases, elementwise()...)
}

// products are the two types of a product with weights that are packed before.
func products(rows, depth, columns, threads int) []Case {
	c := Case{
		Shape: fmt.Sprintf("%d×%d×%d", rows, depth, columns), Threads: threads,
		Unit: Operations, work: 2 * float64(rows) * float64(depth) * float64(columns),
	}
	int8, float32 := c, c
	int8.Kernel, int8.prepare = "matrix product int8", func(threads int) kernels.Task {
		return convInt8(pointwise(rows, depth, columns), threads)
	}
	float32.Kernel, float32.prepare = "matrix product float32", func(threads int) kernels.Task {
		return convFloat32(pointwise(rows, depth, columns), threads)
	}
	return []Case{int8, float32}
}

// dynamicProducts are those of a transformer: a linear layer that rounds its
// rows, and scores of three attention heads.
func dynamicProducts() []Case {
	const tokens, width, hidden, heads = 197, 192, 768, 3
	scores := kernels.MatMulShape{Batch: heads, M: tokens, K: width / heads, N: tokens, TransposeB: true}
	const scoresWork = 2 * heads * tokens * width / heads * tokens
	scoresShape := fmt.Sprintf("%d of %d×%d×%d", heads, tokens, scores.K, tokens)
	operand := func() []float32 { return float32s(heads * tokens * scores.K) }
	return []Case{
		{
			"matrix product int8 to float32", fmt.Sprintf("%d×%d×%d", tokens, width, hidden), 1, Operations, 2 * tokens * width * hidden,
			func(threads int) kernels.Task {
				linear := kernels.NewLinearS8(width, hidden, int8s(width*hidden, 127), 0, repeated(hidden, float32(0.01)), make([]float32, hidden))
				return linear.BindDynamic(make([]float32, tokens*hidden), float32s(tokens*width), tokens, threads)
			},
		},
		{
			"matrix product int8 to float32", scoresShape, 1, Operations, scoresWork,
			func(int) kernels.Task {
				return kernels.MatMulS8F32(scores, make([]float32, heads*tokens*tokens), operand(), operand())
			},
		},
		{
			"matrix product float32", scoresShape, 1, Operations, scoresWork,
			func(threads int) kernels.Task {
				return kernels.MatMulF32(scores, make([]float32, heads*tokens*tokens), operand(), operand(), threads)
			},
		},
	}
}

// convolutions are the two types of a 3×3 convolution.
func convolutions(s kernels.ConvShape) []Case {
	name, shape := "convolution 3×3", fmt.Sprintf("%d×%d×%d to %d", s.Height, s.Width, s.Channels, s.Filters)
	if s.Groups > 1 {
		name, shape = "depthwise 3×3", fmt.Sprintf("%d×%d×%d", s.Height, s.Width, s.Channels)
	}
	if s.Stride[0] > 1 {
		shape += fmt.Sprintf(", stride %d", s.Stride[0])
	}
	work := 2 * 9 * float64(s.OutHeight*s.OutWidth*s.Filters) * float64(s.Channels/s.Groups)
	return []Case{
		{name + " int8", shape, 1, Operations, work, func(threads int) kernels.Task { return convInt8(s, threads) }},
		{name + " float32", shape, 1, Operations, work, func(threads int) kernels.Task { return convFloat32(s, threads) }},
	}
}

package runtime

import (
	"fmt"

	"megl-edge/kernels"
	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

func s8(t tensor.Tensor) []int8 { return tensor.Elements[int8](t) }

func prepareQuantize(o *operation) (kernel, error) {
	a := o.Attr.(graph.Quantized)
	return plain("quantize", func(y tensor.Tensor, in []tensor.Tensor) kernels.Task {
		return kernels.QuantizeF32S8(s8(y), f32(in[0]), a.Scale, outputS8(a))
	})
}

func prepareDequantize(o *operation) (kernel, error) {
	x := o.in(0)
	channels, inner := 1, x.Shape.Elements()
	if !x.Quant.IsPerTensor() {
		channels = len(x.Quant.Scale)
		inner = x.Shape[x.Quant.Axis+1:].Elements()
	}
	return plain("dequantize", func(y tensor.Tensor, in []tensor.Tensor) kernels.Task {
		if x.DType == tensor.Int32 {
			return kernels.Dequantize(f32(y), tensor.Elements[int32](in[0]), channels, inner, x.Quant.Scale, x.Quant.ZeroPoint)
		}
		if channels == 1 {
			return kernels.DequantizeS8F32(f32(y), s8(in[0]), x.Quant.Scale[0], x.Quant.ZeroPoint[0])
		}
		return kernels.Dequantize(f32(y), s8(in[0]), channels, inner, x.Quant.Scale, x.Quant.ZeroPoint)
	})
}

func prepareQuantAdd(o *operation) (kernel, error) {
	a := o.Attr.(graph.Quantized)
	qa, qb := operandS8(o.in(0).Quant, a.Scale), operandS8(o.in(1).Quant, a.Scale)
	return plain("add int8", func(y tensor.Tensor, in []tensor.Tensor) kernels.Task {
		return kernels.SumOfS8(s8(y), s8(in[0]), s8(in[1]), qa, qb, outputS8(a))
	})
}

func prepareQuantMul(o *operation) (kernel, error) {
	a := o.Attr.(graph.Quantized)
	qa, qb := operandS8(o.in(0).Quant, a.Scale), operandS8(o.in(1).Quant, 1)
	return plain("multiply int8", func(y tensor.Tensor, in []tensor.Tensor) kernels.Task {
		return kernels.MapBinaryS8(y.Shape, in[0].Shape, in[1].Shape, s8(y), s8(in[0]), s8(in[1]), qa, qb, kernels.Mul[float32], outputS8(a))
	})
}

func prepareQuantAvgPool(o *operation) (kernel, error) {
	a := o.Attr.(graph.QuantPool)
	return averageS8(o, poolShape(a.Pool, o.in(0).Shape, o.Type.Shape), a.Output)
}

func averageS8(o *operation, shape kernels.PoolShape, output graph.Quantized) (kernel, error) {
	q := o.in(0).Quant
	ratio := q.Scale[0] / output.Scale
	return plain("average pooling int8", func(y tensor.Tensor, in []tensor.Tensor) kernels.Task {
		return kernels.AvgPoolS8(shape, s8(y), s8(in[0]), q.ZeroPoint[0], ratio, outputS8(output))
	})
}

// prepareQuantMean computes a mean as one pooling window over [outer × reduced ×
// inner].
func prepareQuantMean(o *operation) (kernel, error) {
	a := o.Attr.(graph.QuantReduce)
	r, err := reduceShape(a.Axes, o.in(0).Shape)
	if err != nil {
		return kernel{}, err
	}
	shape := kernels.PoolShape{
		Batch: r.Outer, Height: r.Reduced, Width: 1, Channels: r.Inner, OutHeight: 1, OutWidth: 1,
		Kernel: [2]int{r.Reduced, 1}, Stride: [2]int{1, 1},
	}
	return averageS8(o, shape, a.Output)
}

var quantFunctions = map[string]func(float32) float32{
	graph.Identity:  func(x float32) float32 { return x },
	graph.Sigmoid:   kernels.SigmoidF32,
	graph.HardSwish: kernels.HardSwishF32,
}

// prepareQuantUnary computes the function of all 256 values now.
func prepareQuantUnary(o *operation) (kernel, error) {
	a := o.Attr.(graph.QuantUnary)
	f, ok := quantFunctions[a.Function]
	if !ok {
		return kernel{}, fmt.Errorf("function %q has no kernel", a.Function)
	}
	var inputs [256]int8
	for i := range inputs {
		inputs[i] = int8(i - 128)
	}
	q := o.in(0).Quant
	real := make([]float32, len(inputs))
	runNow(kernels.Dequantize(real, inputs[:], 1, len(inputs), q.Scale, q.ZeroPoint))
	runNow(kernels.MapUnary(real, real, f))
	table := new(kernels.Table)
	runNow(kernels.QuantizeF32S8(table[:], real, a.Output.Scale, outputS8(a.Output)))
	return plain(a.Function+" table int8", func(y tensor.Tensor, in []tensor.Tensor) kernels.Task {
		return kernels.LookupS8(s8(y), s8(in[0]), table)
	})
}

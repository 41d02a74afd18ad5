package runtime

import (
	"fmt"

	"megl-edge/kernels"
	"megl-edge/kernels/asm"
	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

// convShape places a convolution of an image x with a filter into y.
func convShape(a graph.Conv, x, filter, y tensor.Shape) kernels.ConvShape {
	return kernels.ConvShape{
		Batch: x[0], Height: x[1], Width: x[2], Channels: x[3],
		OutHeight: y[1], OutWidth: y[2], Filters: y[3],
		KernelHeight: filter[1], KernelWidth: filter[2],
		Stride: a.Stride, Dilation: a.Dilation, PadTop: a.Pad[0], PadLeft: a.Pad[1], Groups: a.Groups,
	}
}

// linearShape places x·wᵀ as a 1×1 convolution of a one-pixel image.
func linearShape(x, w tensor.Shape) kernels.ConvShape {
	return kernels.ConvShape{
		Batch: x[0], Height: 1, Width: 1, Channels: x[1],
		OutHeight: 1, OutWidth: 1, Filters: w[0], KernelHeight: 1, KernelWidth: 1,
		Stride: [2]int{1, 1}, Dilation: [2]int{1, 1}, Groups: 1,
	}
}

func macs(s kernels.ConvShape) int64 {
	pixels := int64(s.Batch) * int64(s.OutHeight) * int64(s.OutWidth) * int64(s.Filters)
	return pixels * int64(s.KernelHeight) * int64(s.KernelWidth) * int64(s.Channels/s.Groups)
}

func convName(s kernels.ConvShape, kind string) string {
	switch {
	case s.Groups > 1 && s.Groups == s.Channels:
		return fmt.Sprintf("depthwise %d×%d %s", s.KernelHeight, s.KernelWidth, kind)
	case s.KernelHeight == 1 && s.KernelWidth == 1:
		return "matrix product " + kind
	}
	return fmt.Sprintf("convolution %d×%d %s", s.KernelHeight, s.KernelWidth, kind)
}

func prepareConv(o *operation) (kernel, error) {
	shape := convShape(o.Attr.(graph.Conv), o.in(0).Shape, o.in(1).Shape, o.Type.Shape)
	return prepareFloatLayer(o, shape)
}

func prepareLinear(o *operation) (kernel, error) {
	return prepareFloatLayer(o, linearShape(o.in(0).Shape, o.in(1).Shape))
}

// constantWeights tells whether a layer's filter and bias are part of the model.
func (o *operation) constantWeights() bool {
	for _, in := range o.Inputs[1:] {
		if o.graph.Node(in).Op != graph.OpConstant {
			return false
		}
	}
	return true
}

func prepareFloatLayer(o *operation, shape kernels.ConvShape) (kernel, error) {
	name := convName(shape, "float32")
	if !o.constantWeights() {
		bind := func(y tensor.Tensor, in []tensor.Tensor, threads int) kernels.Task {
			var bias []float32
			if len(o.Inputs) == 3 {
				bias = f32(in[2])
			}
			return kernels.ConvF32Task(shape, f32(y), f32(in[0]), f32(in[1]), bias, o.fused.epilogue(in), threads)
		}
		return kernel{name: name, packed: o.in(1).Bytes(), rereads: true, macs: macs(shape), bind: bind}, nil
	}
	var bias []float32
	if len(o.Inputs) == 3 {
		bias = f32(o.value(2))
	}
	conv := kernels.NewConvF32(shape, f32(o.value(1)), bias)
	bind := func(y tensor.Tensor, in []tensor.Tensor, threads int) kernels.Task {
		return conv.Bind(f32(y), f32(in[0]), o.fused.epilogue(in), threads)
	}
	return kernel{name: name, packed: conv.Bytes(), macs: macs(shape), bind: bind}, nil
}

// epilogue returns what was fused behind a float layer.
func (s *fusedStep) epilogue(in []tensor.Tensor) kernels.EpilogueF32 {
	var e kernels.EpilogueF32
	if s.clamp != nil {
		e.Clamp, e.ClampFirst, e.Min, e.Max = true, s.clampFirst, s.clamp.Min, s.clamp.Max
	}
	if s.residual != graph.None {
		e.Residual = tensor.Elements[float32](in[len(in)-1])
	}
	return e
}

func prepareConvInputGrad(o *operation) (kernel, error) {
	shape := convShape(o.Attr.(graph.ConvInputGrad).Conv, o.Type.Shape, o.in(1).Shape, o.in(0).Shape)
	k := kernel{name: convName(shape, "float32, transposed"), packed: o.in(1).Bytes(), macs: macs(shape)}
	if !o.constantWeights() {
		k.rereads = true
		k.bind = func(y tensor.Tensor, in []tensor.Tensor, threads int) kernels.Task {
			return kernels.ConvInputGradF32Task(shape, f32(y), f32(in[0]), f32(in[1]), threads)
		}
		return k, nil
	}
	conv := kernels.NewConvInputGradF32(shape, f32(o.value(1)))
	k.packed = conv.Bytes()
	k.bind = func(y tensor.Tensor, in []tensor.Tensor, threads int) kernels.Task {
		return conv.Bind(f32(y), f32(in[0]), threads)
	}
	return k, nil
}

func prepareConvFilterGrad(o *operation) (kernel, error) {
	shape := convShape(o.Attr.(graph.ConvFilterGrad).Conv, o.in(0).Shape, o.Type.Shape, o.in(1).Shape)
	bind := func(y tensor.Tensor, in []tensor.Tensor, threads int) kernels.Task {
		return kernels.ConvFilterGradF32(shape, f32(y), f32(in[0]), f32(in[1]), threads)
	}
	return kernel{name: convName(shape, "float32, filter gradient"), macs: macs(shape), bind: bind}, nil
}

func prepareMatMul(o *operation) (kernel, error) {
	shape := matMulShape(o)
	if o.Type.DType != tensor.Float32 {
		return plain("matrix product", numbers[o.Type.DType].matMul(shape))
	}
	bind := func(y tensor.Tensor, in []tensor.Tensor, threads int) kernels.Task {
		return kernels.MatMulF32(shape, f32(y), f32(in[0]), f32(in[1]), threads)
	}
	return kernel{name: "matrix product float32", macs: macsOf(shape), bind: bind}, nil
}

func prepareQuantConv(o *operation) (kernel, error) {
	a := o.Attr.(graph.QuantConv)
	shape := convShape(a.Conv, o.in(0).Shape, o.in(1).Shape, o.Type.Shape)
	return prepareQuantLayer(o, shape, a.Output)
}

func prepareQuantLinear(o *operation) (kernel, error) {
	return prepareQuantLayer(o, linearShape(o.in(0).Shape, o.in(1).Shape), o.Attr.(graph.Quantized))
}

func prepareQuantLayer(o *operation, shape kernels.ConvShape, output graph.Quantized) (kernel, error) {
	w, err := o.constant(1)
	if err != nil {
		return kernel{}, err
	}
	bias := make([]int32, shape.Filters)
	if len(o.Inputs) == 3 {
		b, err := o.constant(2)
		if err != nil {
			return kernel{}, err
		}
		bias = tensor.Elements[int32](b)
	}
	zero, err := commonZeroPoint(w.Quant)
	if err != nil {
		return kernel{}, err
	}
	x := o.in(0).Quant
	scale := make([]float32, shape.Filters)
	for c := range scale {
		// In float64 the product is exact; the quotient is rounded, then narrowed.
		product := float64(x.Scale[0]) * float64(w.Quant.Scale[c%len(w.Quant.Scale)])
		scale[c] = float32(product / float64(output.Scale))
	}
	conv := kernels.NewConvS8(shape, tensor.Elements[int8](w), zero, bias, scale, x.ZeroPoint[0], outputS8(output), o.lowMemory)
	bind := func(y tensor.Tensor, in []tensor.Tensor, threads int) kernels.Task {
		return conv.Bind(tensor.Elements[int8](y), tensor.Elements[int8](in[0]), o.fused.residualS8(o.graph, in), threads)
	}
	name := convName(shape, "int8")
	if conv.Winograd() {
		name += ", Winograd"
	}
	return kernel{name: name, packed: conv.Bytes(), macs: macs(shape), bind: bind}, nil
}

func outputS8(q graph.Quantized) asm.OutputS8 {
	return asm.OutputS8{ZeroPoint: q.ZeroPoint, Min: q.Min, Max: q.Max}
}

// operandS8 returns how a quantized operand becomes a real value in units of
// the given scale.
func operandS8(q *tensor.Quantization, unit float32) asm.OperandS8 {
	return asm.OperandS8{Scale: q.Scale[0] / unit, ZeroPoint: q.ZeroPoint[0]}
}

// residualS8 returns the addition that was fused behind a quantized layer.
func (s *fusedStep) residualS8(g *graph.Graph, in []tensor.Tensor) *kernels.ResidualS8 {
	if s.residual == graph.None {
		return nil
	}
	output := s.add.Attr.(graph.Quantized)
	return &kernels.ResidualS8{
		Value:  tensor.Elements[int8](in[len(in)-1]),
		Own:    operandS8(g.Node(s.root).Type.Quant, output.Scale),
		Other:  operandS8(g.Node(s.residual).Type.Quant, output.Scale),
		Output: outputS8(output),
	}
}

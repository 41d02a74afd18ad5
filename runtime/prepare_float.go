package runtime

import (
	"fmt"
	"math"

	"megl-edge/kernels"
	"megl-edge/kernels/asm"
	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

// binder is the bind function of a kernel that does not care about threads.
type binder func(y tensor.Tensor, in []tensor.Tensor) kernels.Task

// plain returns a kernel that holds no memory and counts no products.
func plain(name string, bind binder) (kernel, error) {
	return kernel{name: name, bind: func(y tensor.Tensor, in []tensor.Tensor, _ int) kernels.Task {
		return bind(y, in)
	}}, nil
}

func f32(t tensor.Tensor) []float32 { return tensor.Elements[float32](t) }

func prepareAdd(o *operation) (kernel, error) {
	if o.Type.DType != tensor.Float32 || !o.in(0).Shape.Equal(o.in(1).Shape) {
		return prepareArithmetic(o)
	}
	return plain("add float32", func(y tensor.Tensor, in []tensor.Tensor) kernels.Task {
		return kernels.SumOfF32(f32(y), f32(in[0]), f32(in[1]))
	})
}

func prepareClamp(o *operation) (kernel, error) {
	a := o.Attr.(graph.Clamp)
	return plain("clamp float32", func(y tensor.Tensor, in []tensor.Tensor) kernels.Task {
		return kernels.ClampOfF32(f32(y), f32(in[0]), a.Min, a.Max)
	})
}

func prepareClampGrad(o *operation) (kernel, error) {
	a := o.Attr.(graph.Clamp)
	return plain("clamp float32, gradient", func(y tensor.Tensor, in []tensor.Tensor) kernels.Task {
		return kernels.ClampGradF32(f32(y), f32(in[0]), f32(in[1]), a.Min, a.Max)
	})
}

var unaryFunctions = map[graph.Op]func(float32) float32{
	graph.OpSigmoid:   kernels.SigmoidF32,
	graph.OpHardSwish: kernels.HardSwishF32,
	graph.OpSqrt:      kernels.SqrtF32,
	graph.OpFloor:     kernels.FloorF32,
	graph.OpCeil:      kernels.CeilF32,
	graph.OpRound:     kernels.RoundF32,
}

var unaryFunctions64 = map[graph.Op]func(float64) float64{
	graph.OpSigmoid: kernels.Sigmoid64,
	graph.OpSqrt:    math.Sqrt, // exactly rounded everywhere
	graph.OpExp:     kernels.Exp64,
	graph.OpLog:     kernels.Log64,
	graph.OpTanh:    kernels.Tanh64,
	graph.OpErf:     kernels.Erf64,
	graph.OpFloor:   math.Floor,
	graph.OpCeil:    math.Ceil,
	graph.OpRound:   math.RoundToEven,
}

// unaryRows has the functions with a kernel for whole rows.
var unaryRows = map[graph.Op]func(y, x []float32){
	graph.OpExp:  asm.ExpOfF32,
	graph.OpLog:  asm.LogOfF32,
	graph.OpTanh: asm.TanhOfF32,
	graph.OpErf:  asm.ErfOfF32,
	graph.OpGelu: asm.GeluOfF32,
}

func prepareUnary(o *operation) (kernel, error) {
	if o.Type.DType == tensor.Float64 {
		f := unaryFunctions64[o.Op]
		return plain("elementwise float64", func(y tensor.Tensor, in []tensor.Tensor) kernels.Task {
			return kernels.MapUnary(tensor.Elements[float64](y), tensor.Elements[float64](in[0]), f)
		})
	}
	if rows, ok := unaryRows[o.Op]; ok {
		return plain(string(o.Op)+" float32", func(y tensor.Tensor, in []tensor.Tensor) kernels.Task {
			return kernels.MapRowsF32(f32(y), f32(in[0]), rows)
		})
	}
	f := unaryFunctions[o.Op]
	return plain("elementwise float32", func(y tensor.Tensor, in []tensor.Tensor) kernels.Task {
		return kernels.MapUnary(f32(y), f32(in[0]), f)
	})
}

func prepareSoftmax(o *operation) (kernel, error) {
	n := o.Type.Shape[len(o.Type.Shape)-1]
	return plain("softmax float32", func(y tensor.Tensor, in []tensor.Tensor) kernels.Task {
		return kernels.SoftmaxRowsF32(f32(y), f32(in[0]), n)
	})
}

func prepareLayerNorm(o *operation) (kernel, error) {
	epsilon := o.Attr.(graph.LayerNorm).Epsilon
	return plain("layer normalisation float32", func(y tensor.Tensor, in []tensor.Tensor) kernels.Task {
		var offset []float32
		if len(in) == 3 {
			offset = f32(in[2])
		}
		return kernels.LayerNormF32(f32(y), f32(in[0]), f32(in[1]), offset, epsilon)
	})
}

func poolShape(a graph.Pool, x, y tensor.Shape) kernels.PoolShape {
	return kernels.PoolShape{
		Batch: x[0], Height: x[1], Width: x[2], Channels: x[3], OutHeight: y[1], OutWidth: y[2],
		Kernel: a.Kernel, Stride: a.Stride, PadTop: a.Pad[0], PadLeft: a.Pad[1], CountPadding: a.CountPadding,
	}
}

func prepareMaxPool(o *operation) (kernel, error) {
	shape := poolShape(o.Attr.(graph.Pool), o.in(0).Shape, o.Type.Shape)
	if o.Type.DType == tensor.Int8 {
		return plain("maximum pooling int8", func(y tensor.Tensor, in []tensor.Tensor) kernels.Task {
			return kernels.MaxPoolS8(shape, tensor.Elements[int8](y), tensor.Elements[int8](in[0]))
		})
	}
	return plain("maximum pooling float32", func(y tensor.Tensor, in []tensor.Tensor) kernels.Task {
		return kernels.MaxPoolF32(shape, f32(y), f32(in[0]))
	})
}

func prepareArgMaxPool(o *operation) (kernel, error) {
	shape := poolShape(o.Attr.(graph.Pool), o.in(0).Shape, o.Type.Shape)
	return plain("pixels of maxima", func(y tensor.Tensor, in []tensor.Tensor) kernels.Task {
		if in[0].DType == tensor.Int8 {
			return kernels.ArgMaxPool(shape, tensor.Elements[int32](y), tensor.Elements[int8](in[0]))
		}
		return kernels.ArgMaxPool(shape, tensor.Elements[int32](y), f32(in[0]))
	})
}

func prepareAvgPool(o *operation) (kernel, error) {
	shape := poolShape(o.Attr.(graph.Pool), o.in(0).Shape, o.Type.Shape)
	return plain("average pooling float32", func(y tensor.Tensor, in []tensor.Tensor) kernels.Task {
		return kernels.AvgPoolF32(shape, f32(y), f32(in[0]))
	})
}

// reduceShape returns the value as [outer × reduced × inner], if the reduced
// axes are neighbours.
func reduceShape(axes []int, x tensor.Shape) (kernels.ReduceShape, error) {
	s := kernels.ReduceShape{Outer: 1, Reduced: 1, Inner: 1}
	if !neighbours(axes) {
		return s, fmt.Errorf("axes %v are not neighbours", axes)
	}
	for axis, d := range x {
		switch {
		case len(axes) == 0 || axis < axes[0]:
			s.Outer *= d
		case axis <= axes[len(axes)-1]:
			s.Reduced *= d
		default:
			s.Inner *= d
		}
	}
	return s, nil
}

func prepareReduce(o *operation) (kernel, error) {
	shape, err := reduceShape(o.Attr.(graph.Reduce).Axes, o.in(0).Shape)
	if err != nil {
		return kernel{}, err
	}
	if o.Type.DType != tensor.Float32 || o.Op == graph.OpReduceProd {
		return reduceNumbers(o, shape)
	}
	return plain("reduction float32", func(y tensor.Tensor, in []tensor.Tensor) kernels.Task {
		switch o.Op {
		case graph.OpReduceMax:
			return kernels.ReduceMaxF32(shape, f32(y), f32(in[0]))
		case graph.OpReduceMin:
			return kernels.ReduceMinF32(shape, f32(y), f32(in[0]))
		case graph.OpReduceMean:
			return kernels.ReduceSumF32(shape, f32(y), f32(in[0]), float32(shape.Reduced))
		}
		return kernels.ReduceSumF32(shape, f32(y), f32(in[0]), 1)
	})
}

func prepareNormalize(o *operation) (kernel, error) {
	a := o.Attr.(graph.Normalize)
	if o.fused.quantize != nil {
		return preparePixelTable(a, o.fused.quantize.Attr.(graph.Quantized))
	}
	return plain("normalise pixels", func(y tensor.Tensor, in []tensor.Tensor) kernels.Task {
		return kernels.NormalizePixels(f32(y), tensor.Elements[uint8](in[0]), a.Mean, a.Std)
	})
}

// preparePixelTable normalises and quantizes the 256 values of every channel
// now, with the kernels that would do it for each pixel.
func preparePixelTable(a graph.Normalize, q graph.Quantized) (kernel, error) {
	tables := make([][256]int8, len(a.Mean))
	var pixels [256]uint8
	for i := range pixels {
		pixels[i] = uint8(i)
	}
	real := make([]float32, len(pixels))
	for c := range tables {
		runNow(kernels.NormalizePixels(real, pixels[:], a.Mean[c:c+1], a.Std[c:c+1]))
		runNow(kernels.QuantizeF32S8(tables[c][:], real, q.Scale, outputS8(q)))
	}
	return plain("pixel table int8", func(y tensor.Tensor, in []tensor.Tensor) kernels.Task {
		return kernels.LookupPixels(tensor.Elements[int8](y), tensor.Elements[uint8](in[0]), tables)
	})
}

// runNow computes a task that needs no scratch memory on this thread.
func runNow(t kernels.Task) {
	for i := range t.Tiles() {
		t.Tile(i, nil)
	}
}

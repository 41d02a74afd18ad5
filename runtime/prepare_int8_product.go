package runtime

import (
	"fmt"

	"megl-edge/kernels"
	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

// prepareInt8Linear packs int8 weights; x comes in int8, or is rounded row by
// row.
func prepareInt8Linear(o *operation) (kernel, error) {
	w, err := o.constant(1)
	if err != nil {
		return kernel{}, err
	}
	wZero, err := commonZeroPoint(w.Quant)
	if err != nil {
		return kernel{}, err
	}
	var bias []float32
	if len(o.Inputs) == 3 {
		b, err := o.constant(2)
		if err != nil {
			return kernel{}, err
		}
		bias = f32(b)
	}
	x, n := o.in(0), w.Shape[0]
	rows, k := x.Shape[0], x.Shape[1]
	scales := make([]float32, n)
	for i := range scales {
		scales[i] = w.Quant.Scale[i%len(w.Quant.Scale)]
	}
	linear := kernels.NewLinearS8(k, n, s8(w), wZero, scales, bias)
	bind := func(y tensor.Tensor, in []tensor.Tensor, threads int) kernels.Task {
		if q := x.Quant; q != nil {
			return linear.Bind(f32(y), s8(in[0]), q.ZeroPoint[0], q.Scale[0], rows, threads)
		}
		return linear.BindDynamic(f32(y), f32(in[0]), rows, threads)
	}
	return kernel{name: int8Product, packed: linear.Bytes(), macs: int64(rows) * int64(k) * int64(n), bind: bind}, nil
}

const int8Product = "matrix product int8 to float32"

// commonZeroPoint returns the one zero point of weights.
func commonZeroPoint(q *tensor.Quantization) (int32, error) {
	zero := q.ZeroPoint[0]
	for c, z := range q.ZeroPoint {
		if z != zero {
			return 0, fmt.Errorf("weights have zero point %d for channel 0 and %d for channel %d: one for all is needed", zero, z, c)
		}
	}
	return zero, nil
}

func prepareInt8MatMul(o *operation) (kernel, error) {
	shape := matMulShape(o)
	bind := func(y tensor.Tensor, in []tensor.Tensor, _ int) kernels.Task {
		return kernels.MatMulS8F32(shape, f32(y), f32(in[0]), f32(in[1]))
	}
	return kernel{name: int8Product, macs: macsOf(shape), bind: bind}, nil
}

func matMulShape(o *operation) kernels.MatMulShape {
	a, attr := o.in(0).Shape, o.Attr.(graph.MatMul)
	rank := len(a)
	k := a[rank-1]
	if attr.TransposeA {
		k = a[rank-2]
	}
	return kernels.MatMulShape{
		Batch: a[:rank-2].Elements(), M: o.Type.Shape[rank-2], K: k, N: o.Type.Shape[rank-1],
		TransposeA: attr.TransposeA, TransposeB: attr.TransposeB,
	}
}

func macsOf(s kernels.MatMulShape) int64 {
	return int64(s.Batch) * int64(s.M) * int64(s.K) * int64(s.N)
}

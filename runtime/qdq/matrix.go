package qdq

import (
	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

// matrixKey names the constant second factor of a matmul, and how it is stored.
type matrixKey struct {
	constant   graph.ID
	transposed bool // [n × k], as a linear layer takes it
}

// matrix returns the constant second factor of a matmul as the weights of a
// linear layer, [n × k]. All matrices of a batch must be that one.
func (f *fuser) matrix(n *graph.Node) (*matrixKey, tensor.Tensor, string) {
	at := n.Attr.(graph.MatMul)
	if at.TransposeA {
		return nil, tensor.Tensor{}, "its first factor is transposed"
	}
	w, why := f.dequantized(f.unspread(n.Inputs[1]))
	if why != "" {
		return nil, tensor.Tensor{}, why
	}
	value, ok := single(*f.graph.Node(w).Value, f.shape(n.Inputs[1]))
	if !ok {
		return nil, tensor.Tensor{}, "its second factor is not one matrix for all"
	}
	key := matrixKey{w, at.TransposeB}
	value = f.rows(key, value)
	return &key, value, layerTakes(value.Quant)
}

// rows returns a matrix as [n × k].
func (f *fuser) rows(key matrixKey, value tensor.Tensor) tensor.Tensor {
	if known, ok := f.matrices[key]; ok {
		return known
	}
	if !key.transposed {
		value = permuted(value, []int{1, 0})
	}
	f.matrices[key] = value
	return value
}

// matrixNode returns the weights in the new graph.
func (f *fuser) matrixNode(b *graph.Builder, key matrixKey) graph.ID {
	if _, known := f.made[key]; !known {
		f.made[key] = b.Constant(f.graph.Node(key.constant).Name, f.matrices[key])
	}
	return f.made[key]
}

// single returns the one matrix of a factor that was broadcast to a shape; its
// own axes were not stretched if it has as many elements.
func single(t tensor.Tensor, factor tensor.Shape) (tensor.Tensor, bool) {
	rank, shape := len(t.Shape), factor[len(factor)-2:]
	if rank < 2 || t.Shape.Elements() != shape.Elements() {
		return t, false
	}
	t.Shape = shape
	if q := t.Quant; !q.IsPerTensor() {
		t.Quant = &tensor.Quantization{Scale: q.Scale, ZeroPoint: q.ZeroPoint, Axis: q.Axis - (rank - 2)}
	}
	return t, true
}

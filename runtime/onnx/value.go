package onnx

import (
	"fmt"
	"slices"

	"megl-edge/runtime"
	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

// value is one ONNX tensor as the graph holds it. What ONNX calls axis order[i]
// is axis i of the node.
type value struct {
	id       graph.ID
	order    []int // nil: as ONNX has them
	unsigned bool  // uint8, stored as quantized int8 by subtracting 128
}

// channelsLast is the order in which image layers keep a value of this rank.
func channelsLast(rank int) []int {
	order := []int{0}
	for axis := 2; axis < rank; axis++ {
		order = append(order, axis)
	}
	return append(order, 1)
}

// ordered returns v, with an order that changes nothing left out.
func ordered(id graph.ID, order []int) value {
	if slices.IsSorted(order) {
		order = nil
	}
	return value{id: id, order: order}
}

// orderOf returns the order of v in full.
func (im *importer) orderOf(v value) []int {
	if v.order != nil {
		return v.order
	}
	order := make([]int, len(im.Shape(v.id)))
	for i := range order {
		order[i] = i
	}
	return order
}

// shape returns the shape that ONNX sees.
func (im *importer) shape(v value) tensor.Shape {
	stored := im.Shape(v.id)
	if v.order == nil {
		return stored
	}
	shape := make(tensor.Shape, len(stored))
	for i, axis := range v.order {
		shape[axis] = stored[i]
	}
	return shape
}

// axis returns the axis of the node that ONNX counts as axis.
func (im *importer) axis(v value, axis int) int {
	if v.order == nil {
		return axis
	}
	return slices.Index(v.order, axis)
}

// normalized returns an axis that may count from the end as one from the start.
func normalized(axis int64, rank int) (int, error) {
	if axis < -int64(rank) || axis >= int64(rank) {
		return 0, fmt.Errorf("axis %d of a value of %d dimensions", axis, rank)
	}
	if axis < 0 {
		axis += int64(rank)
	}
	return int(axis), nil
}

// arranged returns the node that holds v in the given order.
func (im *importer) arranged(v value, order []int) graph.ID {
	from := im.orderOf(v)
	if slices.Equal(from, order) || im.Err() != nil {
		return v.id
	}
	perm := make([]int, len(order))
	for i, axis := range order {
		perm[i] = slices.Index(from, axis)
	}
	return im.transposed(v.id, perm)
}

// transposed moves the axes of a node: by naming them anew where only axes of
// length 1 move, and for weights in int8 already in the file's values.
func (im *importer) transposed(id graph.ID, perm []int) graph.ID {
	key := fmt.Sprint(id, perm)
	if done, ok := im.moved[key]; ok {
		return done
	}
	from := im.Shape(id)
	shape, last, inOrder := make(tensor.Shape, len(perm)), -1, true
	for i, p := range perm {
		shape[i] = from[p]
		if from[p] != 1 {
			inOrder = inOrder && p > last
			last = p
		}
	}
	var moved graph.ID
	if weights, ok := im.storedWeights(id); ok {
		moved = im.transposedWeights(weights, perm)
	} else if inOrder {
		moved = im.reshapedNode(id, shape)
	} else {
		moved = im.apply(graph.OpTranspose, graph.Transpose{Perm: perm}, id)
	}
	im.moved[key] = moved
	return moved
}

// storedWeights returns the int8 or int32 constant that node id dequantizes.
func (im *importer) storedWeights(id graph.ID) (*graph.Node, bool) {
	n := im.Node(id)
	if n.Op != graph.OpDequantize {
		return nil, false
	}
	source := im.Node(n.Inputs[0])
	return source, source.Op == graph.OpConstant
}

func (im *importer) transposedWeights(weights *graph.Node, perm []int) graph.ID {
	q := weights.Type.Quant
	moved, err := permuted(weights.Value.WithQuant(nil), perm)
	if err != nil {
		return im.fail(err)
	}
	if !q.IsPerTensor() {
		q = &tensor.Quantization{Scale: q.Scale, ZeroPoint: q.ZeroPoint, Axis: slices.Index(perm, q.Axis)}
	}
	return im.Apply(graph.OpDequantize, weights.Name+"/real", nil, im.Constant(weights.Name, moved.WithQuant(q)))
}

// reshapedNode returns a node with another shape, weights in int8 included.
func (im *importer) reshapedNode(id graph.ID, shape tensor.Shape) graph.ID {
	from := im.Shape(id)
	if from.Equal(shape) {
		return id
	}
	weights, ok := im.storedWeights(id)
	if ok {
		q := weights.Type.Quant
		value := *weights.Value
		value.Shape = shape
		if q.IsPerTensor() || len(shape) > q.Axis && from[:q.Axis+1].Equal(shape[:q.Axis+1]) {
			return im.Apply(graph.OpDequantize, weights.Name+"/real", nil, im.Constant(weights.Name, value))
		}
	}
	return im.apply(graph.OpReshape, graph.Shape{Shape: shape}, id)
}

// plain returns the node that holds v with its axes as ONNX has them, and
// integers as ONNX has them, too.
func (im *importer) plain(v value) graph.ID {
	v = im.number(v)
	if v.order == nil {
		return v.id
	}
	identity := slices.Clone(v.order)
	slices.Sort(identity)
	return im.arranged(v, identity)
}

// number returns v as plain numbers: what is stored as quantized int8 becomes
// the integers that ONNX means.
func (im *importer) number(v value) value {
	if im.Err() != nil || im.Type(v.id).Quant == nil {
		return v
	}
	if !v.unsigned {
		return value{id: im.apply(graph.OpCast, graph.Cast{DType: im.Type(v.id).DType}, v.id), order: v.order}
	}
	wide := im.apply(graph.OpCast, graph.Cast{DType: tensor.Int32}, v.id)
	shifted := im.apply(graph.OpAdd, nil, wide, im.Constant("offset", tensor.Scalar[int32](128)))
	return value{id: im.apply(graph.OpCast, graph.Cast{DType: tensor.UInt8}, shifted), order: v.order}
}

// dtype returns the element type that ONNX sees.
func (im *importer) dtype(v value) tensor.DType {
	if v.unsigned {
		return tensor.UInt8
	}
	return im.Type(v.id).DType
}

// constantOf returns the elements of v, if they are known at import.
func (im *importer) constantOf(v value) (tensor.Tensor, bool) {
	if im.Err() != nil {
		return tensor.Tensor{}, false
	}
	if weights, ok := im.storedWeights(v.id); ok {
		real, err := im.evaluate(graph.OpDequantize, nil, *weights.Value)
		if err != nil {
			im.fail(err)
			return tensor.Tensor{}, false
		}
		v.id = im.Constant(im.name, real)
	}
	if im.Node(v.id).Op != graph.OpConstant {
		return tensor.Tensor{}, false
	}
	n := im.Node(im.plain(v))
	if n.Op != graph.OpConstant {
		return tensor.Tensor{}, false
	}
	return *n.Value, true
}

// permuted returns t with its axes moved.
func permuted(t tensor.Tensor, perm []int) (tensor.Tensor, error) {
	return runtime.Evaluate(graph.OpTranspose, graph.Transpose{Perm: perm}, t)
}

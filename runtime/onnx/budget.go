package onnx

import (
	"errors"
	"math"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

// An import computes what depends on constants only, and a few bytes can ask
// for gigabytes of them: everything of that kind is taken from a budget first.

// budgetOf returns the bytes for a file of the given size: at most what one
// tensor can have.
func budgetOf(file int) int64 { return min(256<<20+8*int64(file), math.MaxInt32) }

// productsPerByte is how many multiplications cost as much time as a byte of a
// result does.
const productsPerByte = 16

var errBudget = errors.New("constants take more memory or time than a file of this size justifies")

// reserve takes as many bytes from the budget as the product of the lengths.
func (im *importer) reserve(lengths ...int) {
	n := int64(1)
	for _, l := range lengths {
		if l > 0 && n > im.budget/int64(l) {
			im.fail(errBudget)
		}
		n *= int64(l)
	}
	im.budget -= n
}

// products returns how many multiplications or comparisons an op takes that has
// many of them for each element.
func products(op graph.Op, attr graph.Attr, y tensor.Type, in []tensor.Tensor) int64 {
	n := int64(y.Shape.Elements())
	perChannel := func(filter tensor.Shape) int64 { return int64(filter.Elements() / max(1, filter[0])) }
	switch at := attr.(type) {
	case graph.MatMul:
		rank := len(in[0].Shape)
		if at.TransposeA {
			return n * int64(in[0].Shape[rank-2])
		}
		return n * int64(in[0].Shape[rank-1])
	case graph.Conv:
		return n * perChannel(in[1].Shape)
	case graph.ConvInputGrad:
		return int64(in[0].Shape.Elements()) * perChannel(in[1].Shape)
	case graph.Pool:
		return n * int64(at.Kernel[0]*at.Kernel[1])
	case graph.TopK:
		return int64(in[0].Shape.Elements()) * int64(at.K)
	}
	if op == graph.OpLinear {
		return n * perChannel(in[1].Shape)
	}
	return n
}

// failure is what [importer.fail] ends a conversion with, wherever it is: there
// is no node to go on with. [guarded] makes an error of it.
type failure struct{ error }

func (im *importer) fail(err error) graph.ID { panic(failure{err}) }

// guarded calls f and returns the failure that ended it, if one did.
func guarded(f func() error) (err error) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case failure:
			err = r.error
		default:
			panic(r)
		}
	}()
	return f()
}

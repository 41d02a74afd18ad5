package runtime

import (
	"megl-edge/kernels"
	"megl-edge/kernels/asm"
	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

// number is a Go type that elements can have and that can be computed with.
type number interface {
	kernels.Number
	tensor.Element
}

// numberKernels is the operators of one element type.
type numberKernels interface {
	arithmetic(op graph.Op) binder
	comparison(op graph.Op) binder
	matMul(s kernels.MatMulShape) binder
	reduce(op graph.Op, s kernels.ReduceShape) binder
	cumSum(a graph.CumSum, s kernels.ReduceShape) binder
	argMax(n int) binder
	argTopK(a graph.TopK, n int) binder
	cast(y, x tensor.Tensor) kernels.Task // x is of this type
}

// numbers has every type of number.
var numbers = map[tensor.DType]numberKernels{
	tensor.Int8:    integers[int8](),
	tensor.Int16:   integers[int16](),
	tensor.Int32:   integers[int32](),
	tensor.Int64:   integers[int64](),
	tensor.UInt8:   integers[uint8](),
	tensor.UInt16:  integers[uint16](),
	tensor.UInt32:  integers[uint32](),
	tensor.UInt64:  integers[uint64](),
	tensor.Float32: reals[float32](),
	tensor.Float64: reals[float64](),
}

// typed is the operators that are the same for integers and reals.
type typed[T number] struct {
	functions map[graph.Op]func(a, b T) T
}

// integerKernels and realKernels differ in their functions and in what a cast
// does.
type (
	integerKernels[T interface {
		number
		kernels.Integer
	}] struct{ typed[T] }
	realKernels[T interface {
		number
		kernels.Real
	}] struct{ typed[T] }
)

// float32Functions is the elementwise arithmetic that lowering applies to
// weights, too.
var float32Functions = reals[float32]().(realKernels[float32]).functions

func integers[T interface {
	number
	kernels.Integer
}]() numberKernels {
	functions := sharedFunctions[T]()
	functions[graph.OpDiv] = kernels.DivInteger[T]
	functions[graph.OpPow] = kernels.PowInteger[T]
	return integerKernels[T]{typed[T]{functions}}
}

func reals[T interface {
	number
	kernels.Real
}]() numberKernels {
	functions := sharedFunctions[T]()
	functions[graph.OpDiv] = kernels.DivReal[T]
	functions[graph.OpPow] = kernels.PowReal[T]
	return realKernels[T]{typed[T]{functions}}
}

func sharedFunctions[T number]() map[graph.Op]func(a, b T) T {
	return map[graph.Op]func(a, b T) T{
		graph.OpAdd:        kernels.Add[T],
		graph.OpSub:        kernels.Sub[T],
		graph.OpMul:        kernels.Mul[T],
		graph.OpMaximum:    kernels.Maximum[T],
		graph.OpMinimum:    kernels.Minimum[T],
		graph.OpReduceSum:  kernels.Add[T],
		graph.OpReduceMean: kernels.Add[T],
		graph.OpReduceProd: kernels.Mul[T],
		graph.OpReduceMax:  kernels.Maximum[T],
		graph.OpReduceMin:  kernels.Minimum[T],
	}
}

func (k typed[T]) arithmetic(op graph.Op) binder {
	f := k.functions[op]
	return func(y tensor.Tensor, in []tensor.Tensor) kernels.Task {
		return kernels.MapBinary(y.Shape, in[0].Shape, in[1].Shape, tensor.Elements[T](y), tensor.Elements[T](in[0]), tensor.Elements[T](in[1]), f)
	}
}

func (k typed[T]) comparison(op graph.Op) binder {
	f := kernels.Greater[T]
	if op == graph.OpEqual {
		f = kernels.Equal[T]
	}
	return func(y tensor.Tensor, in []tensor.Tensor) kernels.Task {
		return kernels.MapBinary(y.Shape, in[0].Shape, in[1].Shape, tensor.Elements[bool](y), tensor.Elements[T](in[0]), tensor.Elements[T](in[1]), f)
	}
}

func (k typed[T]) matMul(s kernels.MatMulShape) binder {
	return func(y tensor.Tensor, in []tensor.Tensor) kernels.Task {
		return kernels.MatMul(s, tensor.Elements[T](y), tensor.Elements[T](in[0]), tensor.Elements[T](in[1]))
	}
}

// reduce divides a sum that is to be a mean at its end.
func (k typed[T]) reduce(op graph.Op, s kernels.ReduceShape) binder {
	f, divide := k.functions[op], k.functions[graph.OpDiv]
	return func(y tensor.Tensor, in []tensor.Tensor) kernels.Task {
		result := tensor.Elements[T](y)
		fold := kernels.Fold(s, result, tensor.Elements[T](in[0]), f)
		if op != graph.OpReduceMean {
			return fold
		}
		return kernels.Func(func() {
			runNow(fold)
			for i := range result {
				result[i] = divide(result[i], T(s.Reduced))
			}
		})
	}
}

func (k typed[T]) cumSum(a graph.CumSum, s kernels.ReduceShape) binder {
	return func(y tensor.Tensor, in []tensor.Tensor) kernels.Task {
		return kernels.CumSum(s, tensor.Elements[T](y), tensor.Elements[T](in[0]), a.Exclusive, a.Reverse)
	}
}

func (k typed[T]) argMax(n int) binder {
	return func(y tensor.Tensor, in []tensor.Tensor) kernels.Task {
		return kernels.ArgMax(tensor.Elements[int32](y), tensor.Elements[T](in[0]), n)
	}
}

func (k typed[T]) argTopK(a graph.TopK, n int) binder {
	return func(y tensor.Tensor, in []tensor.Tensor) kernels.Task {
		return kernels.ArgTopK(tensor.Elements[int32](y), tensor.Elements[T](in[0]), n, a.K, a.Least)
	}
}

// float32Rows has the elementwise operators with a loop of their own for rows.
var float32Rows = map[graph.Op]kernels.RowsF32{
	graph.OpAdd: asm.AddRowF32,
	graph.OpSub: asm.SubRowF32,
	graph.OpMul: asm.MulRowF32,
	graph.OpDiv: asm.DivRowF32,
}

func prepareArithmetic(o *operation) (kernel, error) {
	if rows, ok := float32Rows[o.Op]; ok && o.Type.DType == tensor.Float32 {
		return plain("elementwise float32", func(y tensor.Tensor, in []tensor.Tensor) kernels.Task {
			return kernels.ZipF32(y.Shape, in[0].Shape, in[1].Shape, f32(y), f32(in[0]), f32(in[1]), rows)
		})
	}
	return plain("elementwise", numbers[o.Type.DType].arithmetic(o.Op))
}

func prepareComparison(o *operation) (kernel, error) {
	if o.in(0).DType == tensor.Bool {
		return prepareLogical(o)
	}
	return plain("compare", numbers[o.in(0).DType].comparison(o.Op))
}

// reduceNumbers is the reduction of any numbers; float32 has kernels of its own
// for most.
func reduceNumbers(o *operation, s kernels.ReduceShape) (kernel, error) {
	return plain("reduction", numbers[o.Type.DType].reduce(o.Op, s))
}

func prepareCumSum(o *operation) (kernel, error) {
	a := o.Attr.(graph.CumSum)
	shape, err := reduceShape([]int{a.Axis}, o.Type.Shape)
	if err != nil {
		return kernel{}, err
	}
	return plain("running sums", numbers[o.Type.DType].cumSum(a, shape))
}

func prepareArgMax(o *operation) (kernel, error) {
	return plain("arg max", numbers[o.in(0).DType].argMax(lastAxis(o.in(0).Shape)))
}

func prepareArgTopK(o *operation) (kernel, error) {
	return plain("arg top k", numbers[o.in(0).DType].argTopK(o.Attr.(graph.TopK), lastAxis(o.in(0).Shape)))
}

func lastAxis(s tensor.Shape) int { return s[len(s)-1] }

// logical has the functions of conditions.
var logical = map[graph.Op]func(a, b bool) bool{
	graph.OpAnd:   func(a, b bool) bool { return a && b },
	graph.OpOr:    func(a, b bool) bool { return a || b },
	graph.OpEqual: kernels.Equal[bool],
}

func prepareLogical(o *operation) (kernel, error) {
	if o.Op == graph.OpNot {
		return plain("not", func(y tensor.Tensor, in []tensor.Tensor) kernels.Task {
			return kernels.MapUnary(tensor.Elements[bool](y), tensor.Elements[bool](in[0]), func(x bool) bool { return !x })
		})
	}
	f := logical[o.Op]
	return plain("logical", func(y tensor.Tensor, in []tensor.Tensor) kernels.Task {
		return kernels.MapBinary(y.Shape, in[0].Shape, in[1].Shape, tensor.Elements[bool](y), tensor.Elements[bool](in[0]), tensor.Elements[bool](in[1]), f)
	})
}

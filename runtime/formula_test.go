package runtime_test

import (
	"fmt"
	"testing"

	"megl-edge/kernels/asm"
	"megl-edge/runtime"
	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

// formulas builds graphs of elementwise nodes: some are read once, some by several,
// by others of another shape, or by what is no part of a formula.
var formulas = map[string]func(b *graph.Builder, x, y, number graph.ID) graph.ID{
	"a chain": func(b *graph.Builder, x, y, number graph.ID) graph.ID {
		return b.Apply(graph.OpExp, "", nil, b.Mul(b.Sub(x, y), number))
	},
	"read twice": func(b *graph.Builder, x, y, number graph.ID) graph.ID {
		z := b.Apply(graph.OpErf, "", nil, b.Mul(number, x))
		return b.Add(b.Mul(z, z), b.Div(z, y))
	},
	"the number second": func(b *graph.Builder, x, y, number graph.ID) graph.ID {
		return b.Div(b.Add(x, b.Div(number, y)), number)
	},
	"clamps": func(b *graph.Builder, x, y, _ graph.ID) graph.ID {
		limited := b.Apply(graph.OpClamp, "", graph.Clamp{Min: -0.5, Max: 0.5}, b.Mul(x, y))
		return b.Apply(graph.OpClampGrad, "", graph.Clamp{Min: -0.25, Max: 1}, b.Add(limited, x), b.Apply(graph.OpTanh, "", nil, limited))
	},
	"a reduction between": func(b *graph.Builder, x, y, _ graph.ID) graph.ID {
		z := b.Mul(x, y)
		sum := b.Apply(graph.OpReduceSum, "", graph.Reduce{Axes: []int{0, 1}}, z)
		return b.Mul(b.Apply(graph.OpGelu, "", nil, z), b.Apply(graph.OpGelu, "", nil, sum))
	},
	"longer than one step takes": func(b *graph.Builder, x, y, number graph.ID) graph.ID {
		for range 20 {
			x = b.Add(b.Mul(x, number), b.Mul(y, x))
		}
		return x
	},
}

// A formula computes what its parts compute one by one: with every node an output
// none is joined to another.
func TestFormulas(t *testing.T) {
	for name, build := range formulas {
		for _, length := range []int{2, 511, 513, 9001} {
			alone, steps := evaluated(t, build, length, true)
			joined, fewer := evaluated(t, build, length, false)
			if fewer >= steps {
				t.Errorf("%s: %d steps of %d are left", name, fewer, steps)
			}
			if string(joined) != string(alone) {
				t.Errorf("%s of %d elements: results differ", name, length)
			}
		}
	}
}

// evaluated returns the result of a formula, which must be the same at every level
// and with any threads, and the number of steps.
func evaluated(t *testing.T, build func(b *graph.Builder, x, y, number graph.ID) graph.ID, length int, everyNode bool) (result []byte, steps int) {
	t.Helper()
	b := graph.NewBuilder()
	of := tensor.Type{DType: tensor.Float32, Shape: tensor.Shape{1, length}}
	last := build(b, b.Input("x", of), b.Input("y", of), b.Input("number", tensor.Type{DType: tensor.Float32, Shape: tensor.Shape{1}}))
	b.Output("result", last)
	for id := graph.ID(3); everyNode && id < last; id++ {
		b.Output(fmt.Sprint("node ", id), id)
	}
	g, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	for _, level := range asm.Levels() {
		restore := asm.Force(level)
		plan, err := runtime.Compile(g, runtime.Options{})
		if err != nil {
			t.Fatal(err)
		}
		steps = len(plan.Layers())
		for _, threads := range []int{1, 2, 7} {
			s := plan.NewSession(threads)
			source := uint32(5)
			for _, in := range []string{"x", "y", "number"} {
				value, err := s.Input(in)
				if err != nil {
					t.Fatal(err)
				}
				for i := range tensor.Elements[float32](value) {
					source = source*1664525 + 1013904223
					tensor.Elements[float32](value)[i] = float32(int32(source)) / (1 << 30)
				}
			}
			s.Run()
			value, err := s.Output("result")
			if err != nil {
				t.Fatal(err)
			}
			if result == nil {
				result = append(result, value.Data...)
			} else if string(value.Data) != string(result) {
				t.Errorf("level %v, %d threads: another result", level, threads)
			}
			s.Close()
		}
		restore()
	}
	return result, steps
}

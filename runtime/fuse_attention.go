package runtime

import (
	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

// fusedAttention is softmax(q·kᵀ)·v with the scalings, slices and transpositions
// around it: operands are read and results written where they lie.
type fusedAttention struct {
	int8                   bool
	products               [2]*graph.Node // q·kᵀ, and the weights times v
	q, k, v, y             view           // of the inputs of the step and of its output
	transposeK, transposeV bool           // the view has the two last axes the other way round
	queryScale, scoreScale float32
}

// attend groups the nodes around a softmax; ok is false where they are no
// attention that one kernel computes.
func (f *fuser) attend(softmax graph.ID) (s fusedStep, ok bool) {
	n := f.g.Node(softmax)
	a := &fusedAttention{queryScale: 1, scoreScale: 1}
	scaled, ok := f.scaling(n.Inputs[0])
	scores := n.Inputs[0]
	if ok {
		scores, a.scoreScale = scaled.input, scaled.by
	}
	weighted, single := f.next(&fusedStep{output: softmax}, graph.OpMatMul)
	if !single {
		weighted, single = f.next(&fusedStep{output: softmax}, graph.OpInt8MatMul)
	}
	if !single || f.g.Node(weighted).Inputs[0] != softmax || f.uses[scores] != 1 {
		return s, false
	}
	a.products = [2]*graph.Node{f.g.Node(scores), f.g.Node(weighted)}
	if !a.fits() {
		return s, false
	}
	nodes := []graph.ID{scores, softmax, weighted}
	if ok {
		nodes = append(nodes, n.Inputs[0])
	}
	q, k, v := f.operand(a.products[0].Inputs[0]), f.operand(a.products[0].Inputs[1]), f.operand(a.products[1].Inputs[1])
	if k.scale != 1 || v.scale != 1 {
		return s, false
	}
	a.queryScale, a.q, a.k, a.v = q.scale, q.view, k.view, v.view
	a.transposeK = !a.products[0].Attr.(graph.MatMul).TransposeB
	a.transposeV = a.products[1].Attr.(graph.MatMul).TransposeB
	output, y, moves := f.result(weighted)
	a.y = y
	if !a.readable() {
		return s, false
	}
	for _, id := range append(append(append(append(nodes, q.nodes...), k.nodes...), v.nodes...), moves...) {
		f.absorbed[id] = true
	}
	return fusedStep{
		root: scores, output: output, inputs: []graph.ID{q.root, k.root, v.root}, residual: graph.None, attention: a,
	}, true
}

// fits tells whether both products are of the same kind, and that kind has a
// kernel.
func (a *fusedAttention) fits() bool {
	first, second := a.products[0], a.products[1]
	a.int8 = first.Op == graph.OpInt8MatMul
	return (a.int8 || first.Op == graph.OpMatMul) && first.Op == second.Op && first.Type.DType == tensor.Float32 &&
		!first.Attr.(graph.MatMul).TransposeA && !second.Attr.(graph.MatMul).TransposeA
}

// readable tells whether the kernel can walk over all four matrices.
func (a *fusedAttention) readable() bool {
	for _, m := range []struct {
		view       view
		transposed bool
	}{{a.q, false}, {a.k, a.transposeK}, {a.v, a.transposeV}, {a.y, false}} {
		if _, _, ok := m.view.matrices(m.transposed); !ok {
			return false
		}
	}
	return true
}

// scaling is a value times a number.
type scaling struct {
	input graph.ID
	by    float32
}

// scaling returns what a multiplication or division by one constant number that
// nothing else reads does.
func (f *fuser) scaling(id graph.ID) (s scaling, ok bool) {
	n := f.g.Node(id)
	if n.Op != graph.OpMul || f.uses[id] != 1 || n.Type.DType != tensor.Float32 {
		return s, false
	}
	for i, in := range n.Inputs {
		c := f.g.Node(in)
		other := n.Inputs[1-i]
		if c.Op == graph.OpConstant && c.Type.Shape.Elements() == 1 && f.g.Node(other).Type.Shape.Equal(n.Type.Shape) {
			return scaling{other, tensor.Elements[float32](*c.Value)[0]}, true
		}
	}
	return s, false
}

// operand is an input of a product, traced back through what only moves or
// scales elements.
type operand struct {
	root  graph.ID // what is read
	view  view
	scale float32
	nodes []graph.ID // that need not be computed
}

// operand traces a value back as far as it can be read in place.
func (f *fuser) operand(id graph.ID) operand {
	var path []graph.ID
	for at, scales := id, 0; ; {
		n := f.g.Node(at)
		scaled, isScaling := f.scaling(at)
		switch {
		case isScaling && scales == 0:
			scales++
			path = append(path, at)
			at = scaled.input
			continue
		case isAlias(n), (n.Op == graph.OpTranspose || n.Op == graph.OpSlice) && f.uses[at] == 1:
			path = append(path, at)
			at = n.Inputs[0]
			continue
		}
		return f.trace(at, path)
	}
}

// trace follows a path forward again, last node first, and starts anew behind a
// node whose result is no view.
func (f *fuser) trace(root graph.ID, path []graph.ID) operand {
	o := operand{root: root, view: wholeView(f.g.Node(root).Type.Shape), scale: 1}
	for i := len(path) - 1; i >= 0; i-- {
		n := f.g.Node(path[i])
		if scaled, ok := f.scaling(path[i]); ok {
			o.scale = scaled.by
			o.nodes = append(o.nodes, path[i])
			continue
		}
		moved, ok := o.view.apply(n)
		if !ok {
			o = operand{root: path[i], view: wholeView(n.Type.Shape), scale: 1}
			continue
		}
		o.view = moved
		if !isAlias(n) {
			o.nodes = append(o.nodes, path[i])
		}
	}
	return o
}

// result follows the transpositions behind a value that nothing else reads: the
// last one is what is written, through the view.
func (f *fuser) result(id graph.ID) (output graph.ID, y view, nodes []graph.ID) {
	shape := f.g.Node(id).Type.Shape
	output, y = id, wholeView(shape)
	var path []graph.ID
	for at, v := id, y; f.uses[at] == 1 && !f.isOutput(at); {
		at = f.consumer[at]
		n := f.g.Node(at)
		moved, ok := v.apply(n)
		if !ok || n.Op == graph.OpSlice {
			break
		}
		v = moved
		path = append(path, at)
		if n.Op == graph.OpTranspose {
			output, y, nodes = at, v.inverse(shape), path
		}
	}
	return output, y, nodes
}

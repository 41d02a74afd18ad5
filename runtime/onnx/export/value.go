package export

import (
	"slices"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

// value is what the file holds of one node of the graph.
type value struct {
	constant *tensor.Tensor // written in the orders that are asked for; nil otherwise
	forms    []form         // the first is how the value was computed
	lo, hi   int64          // bounds of an int32 value
}

// form is a value in one order of axes. The order may have more axes than the
// value, which then has axes of length 1 in front.
type form struct {
	order order
	name  string
}

// shape returns the shape of a node of the graph.
func (e *exporter) shape(id graph.ID) tensor.Shape { return e.graph.Node(id).Type.Shape }

// orderOf returns the order in which a value was computed; constants come in any
// order, and have the graph's.
func (e *exporter) orderOf(id graph.ID) order {
	if forms := e.values[id].forms; e.values[id].constant == nil && len(forms) > 0 {
		return forms[0].order
	}
	return plain(len(e.shape(id)))
}

// take returns the name of a value in the wanted order, which may have more axes
// than the value.
func (e *exporter) take(id graph.ID, want order) string {
	v := e.values[id]
	shape := widenedShape(e.shape(id), len(want))
	for _, f := range v.forms {
		if len(f.order) == len(want) && f.order.of(shape).Equal(want.of(shape)) && sameElements(shape, f.order, want) {
			return f.name
		}
	}
	var name string
	switch {
	case v.constant != nil:
		name = e.nameOf(id, want, "/transposed")
		e.initializer(name, permuted(*v.constant, want))
	case len(v.forms) > 0:
		name = e.converted(id, want)
	default:
		e.fail("the pixels of %q are used without being normalised, an ONNX file takes them normalised", e.graph.Node(id).Name)
	}
	v.forms = append(v.forms, form{want, name})
	return name
}

// takeElements returns the name of a value whose elements follow each other as
// in the graph, whatever its axes of length 1.
func (e *exporter) takeElements(id graph.ID) string {
	own := plain(len(e.shape(id)))
	if v := e.values[id]; v.constant == nil {
		for _, f := range v.forms {
			if len(f.order) == len(own) && sameElements(e.shape(id), f.order, own) {
				return f.name
			}
		}
	}
	return e.take(id, own)
}

// takeOperand returns the name of a value that broadcasts in the wanted order.
func (e *exporter) takeOperand(id graph.ID, want order) string {
	shape := e.shape(id)
	if len(shape) < len(want) && (shape.Elements() == 1 || slices.IsSorted(want)) {
		want = plain(len(shape))
	}
	return e.take(id, want)
}

// converted writes the nodes that bring a value into the wanted order: a Reshape
// where only axes of length 1 change places, else a Transpose.
func (e *exporter) converted(id graph.ID, want order) string {
	from, shape := e.values[id].forms[0], widenedShape(e.shape(id), len(want))
	wide := from.order.widened(len(want))
	name := from.name
	if same := sameElements(shape, wide, want); same || len(from.order) < len(want) {
		to := wide
		if same {
			to = want
		}
		name = e.reshape(id, to, name, to.of(shape))
		if same {
			return name
		}
	}
	y := e.nameOf(id, want, "/transposed")
	e.add("Transpose", e.nodeNames.free(y), []string{name}, []string{y}, ints("perm", wide.to(want)...))
	return y
}

func (e *exporter) reshape(id graph.ID, to order, x string, shape tensor.Shape) string {
	y := e.nameOf(id, to, "/reshaped")
	e.add("Reshape", e.nodeNames.free(y), []string{x, e.lengths(y+"/shape", shape)}, []string{y})
	return y
}

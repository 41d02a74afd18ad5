package export

import (
	"fmt"
	"math"
	"slices"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/model"
	"megl-edge/runtime/onnx/proto"
	"megl-edge/runtime/tensor"
)

// exporter writes the nodes of a graph into a file. The first thing that goes
// wrong is kept.
type exporter struct {
	graph      *graph.Graph
	opset      int
	file       proto.Graph
	values     []*value            // aliases share one
	outputs    map[graph.ID]string // the names that results have in the file
	named      map[graph.ID]bool   // which nodes have given their name to a value
	valueNames names
	nodeNames  names
	quantities map[graph.ID]quantity
	pixels     *graph.Normalize // how the network wants its pixels
	err        error
}

func newExporter(g *graph.Graph, opset int, outputs []graph.Output) *exporter {
	e := &exporter{
		graph: g, opset: opset,
		values:  make([]*value, g.Len()),
		outputs: map[graph.ID]string{}, named: map[graph.ID]bool{},
		valueNames: newNames(), nodeNames: newNames(), quantities: map[graph.ID]quantity{},
	}
	e.valueNames.taken[model.ImageInput] = true
	for _, o := range outputs {
		e.outputs[o.Node] = o.Name
		e.valueNames.taken[o.Name] = true
	}
	// A name of a helper must not displace that of a layer.
	for _, n := range g.Nodes() {
		e.nodeNames.taken[n.Name] = true
		e.valueNames.taken[n.Name] = true
	}
	return e
}

func (e *exporter) fail(format string, args ...any) {
	if e.err == nil {
		e.err = fmt.Errorf(format, args...)
	}
}

// nameOf returns a new name for a value in the given order: that of the result,
// that of the node, or, where the node's name is in use, one made of it.
func (e *exporter) nameOf(id graph.ID, o order, suffix string) string {
	if name := e.outputs[id]; name != "" && slices.IsSorted(o) && len(o) == len(e.shape(id)) {
		return name
	}
	name := e.graph.Node(id).Name
	if e.named[id] || e.isPort(name) {
		return e.valueNames.free(name + suffix)
	}
	e.named[id] = true
	return name
}

// isPort tells whether a name is that of an input or an output of the file.
func (e *exporter) isPort(name string) bool {
	for _, output := range e.outputs {
		if name == output {
			return true
		}
	}
	return name == model.ImageInput
}

// add writes a node.
func (e *exporter) add(op, name string, inputs, outputs []string, attributes ...proto.Attribute) {
	e.file.Nodes = append(e.file.Nodes, proto.Node{Name: name, Op: op, Inputs: inputs, Outputs: outputs, Attributes: attributes})
}

// run writes all nodes that the results depend on, and the results.
func (e *exporter) run(outputs []graph.Output) {
	var roots []graph.ID
	for _, o := range outputs {
		roots = append(roots, o.Node)
	}
	needed := e.graph.Ancestors(roots...)
	for id, n := range e.graph.Nodes() {
		if needed[id] && e.err == nil {
			e.export(id, n)
		}
	}
	for _, o := range outputs {
		if e.err == nil {
			e.result(o)
		}
	}
}

func (e *exporter) export(id graph.ID, n *graph.Node) {
	r, ok := table[n.Op]
	switch {
	case !ok:
		e.fail("op %q cannot be exported", n.Op)
	case r.types != nil && !r.types(e.graph.Node(n.Inputs[0]).Type.DType, e.opset):
		e.fail("opset %d of ONNX has no %s of %v", e.opset, n.Op, e.graph.Node(n.Inputs[0]).Type.DType)
	default:
		e.values[id] = &value{lo: math.MinInt64, hi: math.MaxInt64}
		r.export(&call{exporter: e, id: id, node: n})
		e.bound(id, n)
	}
	if e.err != nil {
		e.err = fmt.Errorf("node %q: %w", n.Name, e.err)
	}
}

// result declares a result, in the graph's order of axes.
func (e *exporter) result(o graph.Output) {
	t := e.graph.Node(o.Node).Type
	if name := e.take(o.Node, plain(len(t.Shape))); name != o.Name {
		e.add("Identity", e.nodeNames.free(o.Name), []string{name}, []string{o.Name})
	}
	e.file.Outputs = append(e.file.Outputs, declared(o.Name, t.DType, t.Shape))
}

func declared(name string, d tensor.DType, shape tensor.Shape) proto.Value {
	v := proto.Value{Name: name, Type: proto.ValueType{Kind: proto.KindTensor, Elem: dataTypes[d], HasShape: true}}
	for _, length := range shape {
		v.Type.Shape = append(v.Type.Shape, proto.Dim{Length: int64(length), Known: true})
	}
	return v
}

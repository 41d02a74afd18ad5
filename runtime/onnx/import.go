package onnx

import (
	"fmt"
	"maps"
	"slices"

	"megl-edge/runtime"
	"megl-edge/runtime/graph"
	"megl-edge/runtime/onnx/proto"
	"megl-edge/runtime/tensor"
)

// Options of an import. The zero value is ready to use.
type Options struct {
	// Batch is the length of a first dimension that the file leaves open; 0
	// means 1.
	Batch int
	// Values are what inputs will be fed, by name: their shapes count where the
	// file leaves dimensions open. Where a shape or a setting depends on the
	// value of an input, the value is made part of the graph, and the input goes.
	Values map[string]tensor.Tensor
	// ExternalData is the folder that tensors outside the file may be read from;
	// none are if it is empty.
	ExternalData string
}

// Network is an imported model.
type Network struct {
	// Graph has an input and an output for each port, named as there.
	Graph    *graph.Graph
	Inputs   []Port // those that are fed when the model runs
	Outputs  []Port
	Metadata map[string]string
}

// Port is an input or an output: its name in the file, and the one it has in
// the graph, where names can be printed.
type Port struct{ Name, Node string }

// The opsets that are read. Nodes of older ones differ in their attributes.
const (
	oldestOpset = 1
	newestOpset = 27
)

// Import reads an ONNX file. The graph shares no memory with data. Errors are
// about the file; the caller adds its name.
func Import(data []byte, opt Options) (*Network, error) {
	m, err := proto.Parse(data)
	if err != nil {
		return nil, err
	}
	network := &Network{Metadata: map[string]string{}}
	for _, e := range m.Metadata {
		network.Metadata[e.Key] = e.Value
	}
	im, err := importModel(m, opt, len(data), (*importer).addInput)
	if err != nil {
		return nil, err
	}
	network.Inputs = im.inputs
	if err := guarded(func() error { return network.addOutputs(im, m.Graph.Outputs) }); err != nil {
		return nil, err
	}
	network.Graph, err = im.finish(&m.Graph)
	return network, err
}

func (n *Network) addOutputs(im *importer, outputs []proto.Value) error {
	for _, o := range outputs {
		v, ok := im.values[o.Name]
		if !ok {
			return fmt.Errorf("output %.64q is computed by no node", o.Name)
		}
		if slices.ContainsFunc(n.Outputs, func(p Port) bool { return p.Name == o.Name }) {
			return fmt.Errorf("output %.64q is there twice", o.Name)
		}
		port := Port{o.Name, im.printable(o.Name, "output", len(n.Outputs))}
		n.Outputs = append(n.Outputs, port)
		im.Output(port.Node, im.plain(v))
	}
	return im.Err()
}

// maxNodes is what the model file can hold.
const maxNodes = 1 << 16

// finish returns the graph, tidied, with the names of the file.
func (im *importer) finish(file *proto.Graph) (*graph.Graph, error) {
	g, err := im.Build()
	if err != nil {
		return nil, err
	}
	if g.Len() > maxNodes {
		return nil, fmt.Errorf("the network has %d nodes, at most %d can be stored", g.Len(), maxNodes)
	}
	if g, err = tidy(g); err != nil {
		return nil, err
	}
	return renamed(g, fileNames(file))
}

// importer turns the nodes of a file into nodes of the graph, one after the
// other.
type importer struct {
	*graph.Builder
	opt      Options
	opset    int64
	values   map[string]value
	moved    map[string]graph.ID // transposed nodes, so that each is made once
	inputs   []Port
	sources  map[graph.ID]string // the ONNX names of graph inputs
	external *externalReader
	fixed    map[string]bool // inputs whose value is part of the graph
	name     string          // of the node that is being converted
	budget   int64           // bytes that folded constants may still take
}

// importModel converts all nodes. It starts over when a shape turns out to
// depend on an input whose value is known.
func importModel(m *proto.Model, opt Options, size int, addInput func(*importer, *proto.Value) error) (*importer, error) {
	opset, err := checkModel(m)
	if err != nil {
		return nil, err
	}
	fixed := map[string]bool{}
	for {
		im := &importer{
			Builder: graph.NewBuilder(), opt: opt, opset: opset, fixed: fixed,
			values: map[string]value{}, moved: map[string]graph.ID{}, sources: map[graph.ID]string{},
			budget: budgetOf(size),
		}
		err := im.convertGraph(&m.Graph, addInput)
		needed, ok := err.(*needsValueError)
		if !ok || !im.fix(needed) {
			return im, err
		}
	}
}

// fix marks the inputs that a shape depends on, and tells whether that helps.
func (im *importer) fix(needed *needsValueError) bool {
	helps := false
	for _, name := range needed.inputs {
		if _, known := im.opt.Values[name]; known && !im.fixed[name] {
			im.fixed[name], helps = true, true
		}
	}
	return helps
}

// checkModel returns the version of the ai.onnx operators.
func checkModel(m *proto.Model) (opset int64, err error) {
	for _, o := range m.Opsets {
		if isStandard(o.Domain) {
			opset = o.Version
		}
	}
	switch {
	case opset == 0:
		return 0, fmt.Errorf("does not say which version of the ai.onnx operators it uses")
	case opset < oldestOpset || opset > newestOpset:
		return 0, unsupported("opset %d (%d to %d are)", opset, oldestOpset, newestOpset)
	case m.Graph.SparseInitializer:
		return 0, unsupported("a sparse initializer")
	}
	return opset, nil
}

func isStandard(domain string) bool { return domain == "" || domain == "ai.onnx" }

func (im *importer) convertGraph(g *proto.Graph, addInput func(*importer, *proto.Value) error) error {
	if im.opt.ExternalData != "" {
		r, err := openExternal(im.opt.ExternalData)
		if err != nil {
			return err
		}
		defer r.close()
		im.external = r
	}
	if err := im.addInitializers(g.Initializers); err != nil {
		return err
	}
	declared := map[string]bool{}
	for i := range g.Inputs {
		name := g.Inputs[i].Name
		if declared[name] {
			return fmt.Errorf("input %.64q is there twice", name)
		}
		declared[name] = true
		if _, given := im.values[name]; given {
			continue // an initializer is its default, and ours
		}
		if err := addInput(im, &g.Inputs[i]); err != nil {
			return err
		}
	}
	for i := range g.Nodes {
		n := &g.Nodes[i]
		if err := im.convertNode(n); err != nil {
			if _, ok := err.(*needsValueError); ok {
				return err
			}
			return fmt.Errorf("node %.64q (%s): %w", nodeName(n), shown(n.Op), err)
		}
	}
	return nil
}

// nodeName returns what to call a node: many files name only its results.
func nodeName(n *proto.Node) string {
	if n.Name == "" && len(n.Outputs) > 0 {
		return n.Outputs[0]
	}
	return n.Name
}

func (im *importer) addInitializers(all []proto.Tensor) error {
	var external readExternal
	if im.external != nil {
		external = im.external.read
	}
	for i := range all {
		t := &all[i]
		if _, twice := im.values[t.Name]; twice {
			return fmt.Errorf("initializer %.64q is there twice", t.Name)
		}
		data, err := decodeTensor(t, external)
		if err != nil {
			return fmt.Errorf("initializer %.64q: %w", t.Name, err)
		}
		im.values[t.Name] = value{id: im.Constant(t.Name, data)}
	}
	return im.Err()
}

// addInput declares an input of the file.
func (im *importer) addInput(v *proto.Value) error {
	given, known := im.opt.Values[v.Name]
	if known && im.fixed[v.Name] {
		im.values[v.Name] = value{id: im.Constant(v.Name, given)}
		return im.Err()
	}
	t, err := im.inputType(v)
	if err != nil {
		return fmt.Errorf("input %.64q: %w", v.Name, err)
	}
	port := Port{v.Name, im.printable(v.Name, "input", len(im.inputs))}
	id := im.Input(port.Node, t)
	im.inputs = append(im.inputs, port)
	im.sources[id] = v.Name
	im.values[v.Name] = value{id: id}
	return im.Err()
}

// inputType returns the type of an input; the length of a first dimension that
// is left open is the batch's.
func (im *importer) inputType(v *proto.Value) (tensor.Type, error) {
	if v.Type.Kind != proto.KindTensor {
		return tensor.Type{}, unsupported("an input that is a %s", v.Type.Kind)
	}
	d, err := dtypeOf(v.Type.Elem)
	if err != nil {
		return tensor.Type{}, err
	}
	if given, known := im.opt.Values[v.Name]; known {
		if given.DType != d || !fits(given.Shape, v.Type) {
			return tensor.Type{}, fmt.Errorf("is not what the value is, %v", given.Type)
		}
		return given.Type, nil
	}
	if !v.Type.HasShape {
		return tensor.Type{}, fmt.Errorf("has no shape")
	}
	dims := make([]int64, len(v.Type.Shape))
	for i, dim := range v.Type.Shape {
		switch {
		case dim.Known:
			dims[i] = dim.Length
		case i == 0:
			dims[i] = int64(max(1, im.opt.Batch))
		default:
			return tensor.Type{}, fmt.Errorf("the length of dimension %d (%.32q) is open; export the model with a fixed input size", i, dim.Param)
		}
	}
	shape, err := shapeOf(dims, d.Size())
	return tensor.Type{DType: d, Shape: shape}, err
}

// fits tells whether a shape is one that the file allows.
func fits(shape tensor.Shape, t proto.ValueType) bool {
	if !t.HasShape {
		return true
	}
	return slices.EqualFunc(shape, t.Shape, func(length int, d proto.Dim) bool {
		return !d.Known || d.Length == int64(length)
	})
}

// printable returns name, or kind and a number where the graph could not hold
// it.
func (im *importer) printable(name, kind string, number int) string {
	probe := graph.NewBuilder()
	if probe.Input(name, tensor.Type{DType: tensor.Bool}); probe.Err() == nil && !im.taken(name) {
		return name
	}
	return fmt.Sprintf("%s %d", kind, number)
}

func (im *importer) taken(name string) bool {
	return slices.ContainsFunc(im.inputs, func(p Port) bool { return p.Node == name })
}

// convertNode appends what stands for one node of the file.
func (im *importer) convertNode(n *proto.Node) error {
	if !isStandard(n.Domain) {
		return unsupported("operator %s of domain %s", shown(n.Op), shown(n.Domain))
	}
	convert, ok := conversions[n.Op]
	if !ok {
		return unsupported("operator %s", shown(n.Op))
	}
	im.name = nodeName(n)
	c := &call{importer: im, node: n, read: map[string]bool{}}
	for i, name := range n.Inputs {
		v, ok := im.values[name]
		if !ok && name != "" {
			return fmt.Errorf("input %d, %.64q, is computed by no node before it: the graph has a cycle, is not sorted, or lacks an initializer", i, name)
		}
		c.in = append(c.in, v)
		c.present = append(c.present, name != "")
	}
	var results []value
	err := guarded(func() (err error) {
		if results, err = convert(c); err != nil {
			return err
		}
		return c.check(results)
	})
	if err != nil {
		return err
	}
	for i, name := range n.Outputs {
		if name == "" || i >= len(results) {
			continue
		}
		if _, twice := im.values[name]; twice {
			return fmt.Errorf("computes %.64q, which has a value already", name)
		}
		im.values[name] = results[i]
	}
	return nil
}

// check fails on what went wrong while building, and on what was not understood.
func (c *call) check(results []value) error {
	if err := c.Err(); err != nil {
		return err
	}
	for i, name := range c.node.Outputs {
		if name != "" && i >= len(results) {
			return unsupported("output %d of operator %s", i, c.node.Op)
		}
	}
	if c.opset < 7 { // before, attributes held what later follows from the inputs
		return nil
	}
	for i := range c.node.Attributes {
		if a := &c.node.Attributes[i]; !c.read[a.Name] {
			return unsupported("attribute %s of operator %s", shown(a.Name), c.node.Op)
		}
	}
	return nil
}

// Supported lists the operators that are read, in alphabetical order.
func Supported() []string { return slices.Sorted(maps.Keys(conversions)) }

// apply appends a node, or its value where all inputs are known.
func (im *importer) apply(op graph.Op, attr graph.Attr, inputs ...graph.ID) graph.ID {
	known := make([]tensor.Tensor, len(inputs))
	for i, id := range inputs {
		n := im.Node(id)
		if n.Op != graph.OpConstant || op == graph.OpDequantize {
			return im.added(im.Apply(op, im.name, attr, inputs...))
		}
		known[i] = *n.Value
	}
	value, err := im.evaluate(op, attr, known...)
	if err != nil {
		return im.fail(err)
	}
	return im.added(im.Constant(im.Node(inputs[0]).Name, value))
}

// added fails if a node could not be added, or if there are too many.
func (im *importer) added(id graph.ID) graph.ID {
	if err := im.Err(); err != nil {
		return im.fail(err)
	}
	if id >= 4*maxNodes { // before the network is tidied
		return im.fail(fmt.Errorf("the network has more than %d nodes", id))
	}
	return id
}

// evaluate computes an op on known values, within the budget for them.
func (im *importer) evaluate(op graph.Op, attr graph.Attr, known ...tensor.Tensor) (tensor.Tensor, error) {
	probe := graph.NewBuilder()
	ids := make([]graph.ID, len(known))
	for i, v := range known {
		ids[i] = probe.Constant("", v)
	}
	y := probe.Type(probe.Apply(op, im.name, attr, ids...))
	if err := probe.Err(); err != nil {
		return tensor.Tensor{}, err
	}
	if im.budget -= max(int64(y.Bytes()), products(op, attr, y, known)/productsPerByte); im.budget < 0 {
		return tensor.Tensor{}, errBudget
	}
	return runtime.Evaluate(op, attr, known...)
}

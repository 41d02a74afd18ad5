package runtime

import (
	"cmp"
	"errors"
	"fmt"
	goruntime "runtime"
	"sync"
	"sync/atomic"

	"megl-edge/kernels"
	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

// Options of Compile. The zero value is ready to use.
type Options struct {
	// Outputs names the results to compute; none means all. What only other
	// results need is left out.
	Outputs []string
	// MemoryLimit is the most memory in bytes that a session of the plan may
	// take, packed weights included; 0 means 1 GiB.
	MemoryLimit int
	// LowMemory gives up kernels whose weights take more memory than the model's:
	// Winograd convolutions. Results are the same.
	LowMemory bool
	// Packed, if set, is called with every constant that has been copied into the
	// layout of a kernel and is not read any more, by several goroutines at once.
	Packed func(tensor.Tensor)
}

const defaultMemoryLimit = 1 << 30

// Plan is a graph made ready for this machine. It is read-only.
type Plan struct {
	graph  *graph.Graph // after folding
	steps  []step
	memory memoryPlan
	packed int // bytes of weights in the kernels' layouts
}

// step computes the value of one node, with what was fused into it.
type step struct {
	output graph.ID
	inputs []graph.ID
	kernel kernel
	layer  Layer
}

// kernel is an operator prepared for the types of its operands.
type kernel struct {
	name   string // as inspect shows it
	packed int    // bytes of memory that the kernel holds itself
	// rereads is set where that memory is filled in every run, with weights that are
	// computed or fed: all such kernels have the same.
	rereads bool
	macs    int64 // multiply-accumulates of one run
	bind    func(y tensor.Tensor, in []tensor.Tensor, threads int) kernels.Task
}

// Compile prepares a graph. It fails on an op or a type that has no kernel, and
// on a graph that needs more memory than allowed; the error names the node.
func Compile(g *graph.Graph, opt Options) (*Plan, error) {
	g, err := selectOutputs(g, opt.Outputs)
	if err != nil {
		return nil, err
	}
	limit := opt.MemoryLimit
	if limit == 0 {
		limit = defaultMemoryLimit
	}
	if err := checkSize(g, limit); err != nil {
		return nil, err
	}
	if g, err = lower(g, limit); err != nil {
		return nil, err
	}
	p := &Plan{graph: g}
	if err := p.prepare(fuse(g), opt); err != nil {
		return nil, err
	}
	p.memory = planMemory(g, p.steps)
	if need := p.memory.arena + p.packed; need > limit {
		return nil, fmt.Errorf("the model needs %d MB of memory, the limit is %d MB", need>>20, limit>>20)
	}
	return p, nil
}

// checkSize refuses a graph with a single value that is larger than the limit,
// before anything is computed.
func checkSize(g *graph.Graph, limit int) error {
	for _, n := range g.Nodes() {
		if bytes := n.Type.Bytes(); bytes > limit {
			return fmt.Errorf("%s %q: its value %v takes %d MB, the limit is %d MB", n.Op, n.Name, n.Type, bytes>>20, limit>>20)
		}
	}
	return nil
}

// selectOutputs returns g with only the named outputs and what they need.
func selectOutputs(g *graph.Graph, names []string) (*graph.Graph, error) {
	if len(names) == 0 {
		return g, nil
	}
	b := graph.Extend(g)
	b.ClearOutputs()
	for _, name := range names {
		id, ok := g.Output(name)
		if !ok {
			return nil, fmt.Errorf("the model has no output %q", name)
		}
		b.Output(name, id)
	}
	return b.Build()
}

// prepare makes the kernels of all steps, on all processors: most of the time is
// spent on packing weights.
func (p *Plan) prepare(steps []fusedStep, opt Options) error {
	p.steps = make([]step, len(steps))
	failed := make([]error, len(steps))
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(goruntime.GOMAXPROCS(0), len(steps)) {
		workers.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= len(steps) {
					return
				}
				p.steps[i], failed[i] = p.prepareStep(steps[i], opt)
			}
		})
	}
	workers.Wait()
	shared := 0
	for _, s := range p.steps {
		if s.kernel.rereads {
			shared = max(shared, s.kernel.packed)
		} else {
			p.packed += s.kernel.packed
		}
	}
	p.packed += shared
	return cmp.Or(failed...)
}

func (p *Plan) prepareStep(s fusedStep, opt Options) (step, error) {
	n := p.graph.Node(s.root)
	make, ok := operators[n.Op]
	if s.attention != nil {
		make, ok = prepareAttention, true
	}
	if s.formula != nil {
		make, ok = prepareFormula, true
	}
	if !ok {
		return step{}, fmt.Errorf("%s %q: there is no kernel for this op", n.Op, n.Name)
	}
	k, err := make(&operation{Node: n, graph: p.graph, fused: s, lowMemory: opt.LowMemory})
	if err != nil {
		return step{}, fmt.Errorf("%s %q: %w", n.Op, n.Name, err)
	}
	for _, in := range n.Inputs {
		if c := p.graph.Node(in); k.packed > 0 && !k.rereads && opt.Packed != nil && c.Op == graph.OpConstant {
			opt.Packed(*c.Value)
		}
	}
	return step{output: s.output, inputs: s.inputs, kernel: k, layer: layerOf(p.graph, s, k)}, nil
}

// operation is a node that is to be prepared, with what is fused into it.
type operation struct {
	*graph.Node
	graph     *graph.Graph
	fused     fusedStep
	lowMemory bool
}

func (o *operation) in(i int) tensor.Type { return o.graph.Node(o.Inputs[i]).Type }

var errNotConstant = errors.New("must be a constant of the model")

// value returns input i, which is a constant.
func (o *operation) value(i int) tensor.Tensor { return *o.graph.Node(o.Inputs[i]).Value }

// constant returns the value of input i, which must be known now.
func (o *operation) constant(i int) (tensor.Tensor, error) {
	n := o.graph.Node(o.Inputs[i])
	if n.Op != graph.OpConstant {
		return tensor.Tensor{}, fmt.Errorf("input %d %w", i, errNotConstant)
	}
	return *n.Value, nil
}

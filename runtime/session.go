package runtime

import (
	"fmt"
	goruntime "runtime"
	"unsafe"

	"megl-edge/kernels"
	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

// Session runs a plan. It owns the memory of all values and a pool of threads,
// and is used by one goroutine at a time.
type Session struct {
	plan   *Plan
	pool   *kernels.Pool
	values []tensor.Tensor // by node
	tasks  []kernels.Task
}

// NewSession returns a session that works with the given number of threads; 0
// or less means as many as Go uses processors. [Session.Close] ends the threads.
func (p *Plan) NewSession(threads int) *Session {
	if threads <= 0 {
		threads = goruntime.GOMAXPROCS(0)
	}
	s := &Session{plan: p, pool: kernels.NewPool(threads), values: make([]tensor.Tensor, p.graph.Len())}
	arena := tensor.Zeros(tensor.Type{DType: tensor.UInt8, Shape: tensor.Shape{p.memory.arena + memoryAlign}}).Data
	arena = aligned(arena)
	for id, n := range p.graph.Nodes() {
		s.values[id] = p.value(id, n, arena, s.values)
	}
	for _, step := range p.steps {
		in := make([]tensor.Tensor, len(step.inputs))
		for i, id := range step.inputs {
			in[i] = s.values[id]
		}
		task := step.kernel.bind(s.values[step.output], in, threads)
		s.pool.Reserve(task)
		s.tasks = append(s.tasks, task)
	}
	return s
}

// value returns where a node's value lies: in the model, in the arena, or in
// the memory of the node it is an alias of.
func (p *Plan) value(id graph.ID, n *graph.Node, arena []byte, values []tensor.Tensor) tensor.Tensor {
	if n.Op == graph.OpConstant {
		return *n.Value
	}
	t := tensor.Tensor{Type: n.Type}
	root := p.memory.root[id]
	if offset := p.memory.offset[root]; offset >= 0 {
		t.Data = arena[offset+p.memory.shift[id]:][:n.Type.Bytes():n.Type.Bytes()]
	} else if root != id {
		t.Data = values[root].Data
	}
	return t
}

// Input returns the memory of a named input, to be filled before Run. It keeps
// its content over runs.
func (s *Session) Input(name string) (tensor.Tensor, error) {
	if id, ok := s.plan.graph.Find(name); ok && s.plan.graph.Node(id).Op == graph.OpInput {
		return s.values[id], nil
	}
	return tensor.Tensor{}, fmt.Errorf("the model has no input %q", name)
}

// Output returns the memory of a named result, valid until the next Run.
func (s *Session) Output(name string) (tensor.Tensor, error) {
	if id, ok := s.plan.graph.Output(name); ok {
		return s.values[id], nil
	}
	return tensor.Tensor{}, fmt.Errorf("the model has no output %q", name)
}

// Run computes all results. It does not allocate.
func (s *Session) Run() {
	for _, t := range s.tasks {
		s.pool.Run(t)
	}
}

// RunStep computes step i alone, for measurements of single layers; see
// [Plan.Layers].
func (s *Session) RunStep(i int) { s.pool.Run(s.tasks[i]) }

// Threads returns the number of threads that Run uses.
func (s *Session) Threads() int { return s.pool.Threads() }

// Close ends the session's threads.
func (s *Session) Close() { s.pool.Close() }

// aligned drops the first bytes until the rest starts at a multiple of
// memoryAlign.
func aligned(arena []byte) []byte {
	address := int(uintptr(unsafe.Pointer(unsafe.SliceData(arena))) & (memoryAlign - 1))
	return arena[-address&(memoryAlign-1):]
}

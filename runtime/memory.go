package runtime

import (
	"cmp"
	"slices"

	"megl-edge/runtime/graph"
)

// memoryPlan gives every computed value a place in one block of memory, the
// arena. Values that are never needed at the same time share places.
type memoryPlan struct {
	root   []graph.ID // whose memory a node's value is: itself, or what it is a part or an alias of
	shift  []int      // bytes from where the root's value begins
	offset []int      // of a root in the arena; −1 where it has no place there
	arena  int        // bytes of the arena
	sum    int        // bytes that all values would take side by side
}

const memoryAlign = 64

// lifetime is the steps between which a value must be kept, both included.
type lifetime struct {
	id          graph.ID
	bytes       int
	first, last int
}

// planMemory places the largest values first, each into the smallest gap that
// is free for its whole lifetime. Inputs and outputs of the graph keep their
// place from the first step to the last.
func planMemory(g *graph.Graph, steps []step) memoryPlan {
	m := memoryPlan{root: make([]graph.ID, g.Len()), shift: make([]int, g.Len()), offset: make([]int, g.Len())}
	for id, n := range g.Nodes() {
		m.root[id], m.offset[id] = id, -1
		if isAlias(n) {
			m.root[id] = m.root[n.Inputs[0]]
		}
	}
	m.joinInPlace(g, steps)
	values := m.lifetimes(g, steps)
	slices.SortStableFunc(values, func(a, b lifetime) int { return cmp.Compare(b.bytes, a.bytes) })
	placed, busy := make([]lifetime, 0, len(values)), make([]lifetime, 0, len(values))
	for _, v := range values {
		m.offset[v.id] = m.bestGap(v, placed, busy)
		placed = append(placed, v)
		m.arena = max(m.arena, m.offset[v.id]+v.bytes)
		m.sum += v.bytes
	}
	return m
}

// joinInPlace lets values that are only concatenated be computed where they will
// stand. Their parts are whole stretches of the result where all axes before the
// one that they are joined along have length 1.
func (m *memoryPlan) joinInPlace(g *graph.Graph, steps []step) {
	readers := make([]int, g.Len()) // of a root's memory
	for _, s := range steps {
		for _, in := range s.inputs {
			readers[m.root[in]]++
		}
	}
	for _, o := range g.Outputs() {
		readers[m.root[o.Node]] += 2 // keeps its own place
	}
	computed := make([]bool, g.Len())
	for _, s := range steps {
		computed[s.output] = true
	}
	for id, n := range g.Nodes() {
		if n.Op != graph.OpConcat || !computed[id] || n.Type.Shape[:n.Attr.(graph.Axis).Axis].Elements() != 1 {
			continue
		}
		at := 0
		for _, in := range n.Inputs {
			root := m.root[in]
			if g.Node(root).Op != graph.OpConcat && computed[root] && readers[root] == 1 {
				m.move(root, id, at)
			}
			at += g.Node(in).Type.Bytes()
		}
	}
}

// move makes all values in a root's memory parts of another root.
func (m *memoryPlan) move(root, to graph.ID, shift int) {
	for id := range m.root {
		if m.root[id] == root {
			m.root[id], m.shift[id] = to, shift
		}
	}
}

func (m *memoryPlan) lifetimes(g *graph.Graph, steps []step) []lifetime {
	at := make([]*lifetime, g.Len())
	for id, n := range g.Nodes() {
		if m.root[id] == id && n.Op != graph.OpConstant {
			bytes := (n.Type.Bytes() + memoryAlign - 1) / memoryAlign * memoryAlign
			at[id] = &lifetime{id: id, bytes: bytes, first: -1, last: -1}
			if n.Op == graph.OpInput {
				at[id].last = len(steps)
			}
		}
	}
	for i, s := range steps {
		if v := at[m.root[s.output]]; v.first < 0 {
			v.first = i
		}
		for _, id := range append(slices.Clone(s.inputs), s.output) {
			if v := at[m.root[id]]; v != nil {
				v.last = max(v.last, i)
			}
		}
	}
	for _, o := range g.Outputs() {
		if v := at[m.root[o.Node]]; v != nil {
			v.last = len(steps)
		}
	}
	var values []lifetime
	for _, v := range at {
		if v != nil && v.last >= 0 {
			values = append(values, *v)
		}
	}
	return values
}

// bestGap returns the offset of the smallest gap that holds v between the placed
// values that live at the same time, for which busy is memory.
func (m *memoryPlan) bestGap(v lifetime, placed, busy []lifetime) int {
	for _, p := range placed {
		if p.first <= v.last && v.first <= p.last {
			busy = append(busy, p)
		}
	}
	slices.SortFunc(busy, func(a, b lifetime) int { return cmp.Compare(m.offset[a.id], m.offset[b.id]) })
	best, bestSize, end := -1, 0, 0
	for _, p := range busy {
		start := m.offset[p.id]
		if gap := start - end; gap >= v.bytes && (best < 0 || gap < bestSize) {
			best, bestSize = end, gap
		}
		end = max(end, start+p.bytes)
	}
	if best < 0 {
		return end
	}
	return best
}

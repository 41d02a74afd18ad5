package train

import (
	"fmt"
	"slices"
	"strconv"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/model"
)

// Freeze says which weights are trained:
//
//	"none"      all of them
//	"backbone"  those of the last layer alone
//	a number k  those of the last k blocks and of the last layer; a block lies
//	            between two values through which everything passes, as a residual
//	            block or a transformer's does
func (n *Network) Freeze(which string) error {
	switch which {
	case "", "none":
		return n.train(func(string) bool { return true })
	case "backbone":
		if n.head == nil {
			return ErrNoHead
		}
		return n.train(func(name string) bool { return slices.Contains(n.head, name) })
	}
	k, err := strconv.Atoi(which)
	if err != nil || k < 1 {
		return fmt.Errorf("%.32q says nothing of what to freeze; want none, backbone or a number of blocks that stay trainable", which)
	}
	first := n.blocksFromEnd(k)
	return n.train(func(name string) bool {
		return slices.Contains(n.head, name) || first[name]
	})
}

func (n *Network) train(trained func(name string) bool) error {
	for i := range n.weights {
		n.weights[i].Frozen = n.weights[i].statistic || !n.weights[i].decoder && !trained(n.weights[i].Name)
	}
	return nil
}

// blocksFromEnd returns the names of the weights that the last k blocks with
// weights read, the last layer not counted.
func (n *Network) blocksFromEnd(k int) map[string]bool {
	logits, _ := n.graph.Output(model.LogitsOutput)
	image, _ := n.graph.Find(model.ImageInput)
	names := map[string]bool{}
	block := map[string]bool{}
	cuts := passages(n.graph, image, logits)
	for id := logits; id >= 0 && k > 0; id-- {
		if cuts[id] && len(block) > 0 {
			for name := range block {
				names[name] = true
			}
			clear(block)
			if k--; k == 0 {
				break
			}
		}
		for _, in := range n.graph.Node(id).Inputs {
			w := n.graph.Node(in)
			if w.Op == graph.OpConstant && !slices.Contains(n.head, w.Name) {
				block[w.Name] = true
			}
		}
	}
	for name := range block {
		names[name] = true
	}
	return names
}

// passages marks the nodes through which every path from one node to another
// goes.
func passages(g *graph.Graph, from, to graph.ID) []bool {
	before := g.Ancestors(to)
	depends := make([]bool, g.Len())
	last := make([]graph.ID, g.Len()) // the last node that reads a value
	for id, n := range g.Nodes() {
		depends[id] = id == from
		for _, in := range n.Inputs {
			if depends[in] && before[id] {
				depends[id], last[in] = true, id
			}
		}
	}
	marked := make([]bool, g.Len())
	reach := from // the last reader of all values so far
	for id := from; id <= to; id++ {
		if !depends[id] || !before[id] {
			continue
		}
		marked[id] = reach <= id
		reach = max(reach, last[id])
	}
	return marked
}

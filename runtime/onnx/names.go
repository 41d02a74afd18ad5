package onnx

import (
	"strings"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/onnx/proto"
)

// fileNames lists the names that nodes, weights and ports have in the file.
func fileNames(g *proto.Graph) map[string]bool {
	names := map[string]bool{}
	for i := range g.Nodes {
		names[nodeName(&g.Nodes[i])] = true
	}
	for i := range g.Initializers {
		names[g.Initializers[i].Name] = true
	}
	return names
}

// renamed gives nodes back the names of the file: while a graph is built, what
// is left out in the end may hold a name, and the node it belongs to gets a
// number behind it.
func renamed(g *graph.Graph, names map[string]bool) (*graph.Graph, error) {
	taken := map[string]bool{}
	for _, n := range g.Nodes() {
		taken[n.Name] = true
	}
	return graph.Rewrite(g, func(b *graph.Builder, n *graph.Node) graph.ID {
		if n.Op == graph.OpInput {
			return graph.None
		}
		for name := n.Name; !names[name]; {
			shorter, ok := withoutNumber(name)
			if !ok {
				break
			}
			if name = shorter; names[name] && !taken[name] {
				taken[name] = true
				n.Name = name
				return b.Copy(n)
			}
		}
		return graph.None
	})
}

// withoutNumber cuts "_2" and the like from the end of a name.
func withoutNumber(name string) (string, bool) {
	at := strings.LastIndexByte(name, '_')
	if at < 1 || at == len(name)-1 || strings.Trim(name[at+1:], "0123456789") != "" {
		return name, false
	}
	return name[:at], true
}

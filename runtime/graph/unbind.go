package graph

import "fmt"

// Unbind returns a graph in which the named constants are inputs of the same
// names and types: weights that change from step to step are fed, not part of
// the model.
func Unbind(g *Graph, constants ...string) (*Graph, error) {
	free := make(map[string]bool, len(constants))
	for _, name := range constants {
		if id, ok := g.Find(name); !ok || g.Node(id).Op != OpConstant {
			return nil, fmt.Errorf("graph has no constant %.64q", name)
		}
		free[name] = true
	}
	return Rewrite(g, func(b *Builder, n *Node) ID {
		if !free[n.Name] {
			return None
		}
		return b.Input(n.Name, n.Type)
	})
}

package export_test

import (
	"testing"

	"megl-edge/runtime/onnx/proto"
)

// since is the opset of the operators that the oldest opset does not have.
var since = map[string]int{"HardSwish": 14, "LayerNormalization": 17, "Gelu": 20, "ScatterElements": 16}

var elementSize = map[proto.DataType]int{
	proto.Bool: 1, proto.Int8: 1, proto.UInt8: 1, proto.Int32: 4, proto.Int64: 8, proto.Float: 4,
}

// parse reads a file and fails unless it is sound: every value is made once,
// before it is read, constants have the bytes of their shape and a reader, and
// the opset has the operators.
func parse(t *testing.T, file []byte) *proto.Model {
	t.Helper()
	m, err := proto.Parse(file)
	if err != nil {
		t.Fatal(err)
	}
	made, read := map[string]bool{}, map[string]bool{}
	make := func(name string) {
		t.Helper()
		if name == "" || made[name] {
			t.Fatalf("value %q is made twice, or has no name", name)
		}
		made[name] = true
	}
	for _, v := range m.Graph.Inputs {
		make(v.Name)
	}
	for i := range m.Graph.Initializers {
		make(m.Graph.Initializers[i].Name)
		checkInitializer(t, &m.Graph.Initializers[i])
	}
	nodes := map[string]bool{}
	for _, n := range m.Graph.Nodes {
		if n.Name == "" || nodes[n.Name] || n.Domain != "" || since[n.Op] > int(m.Opsets[0].Version) {
			t.Fatalf("node %q: %s of domain %q in opset %d", n.Name, n.Op, n.Domain, m.Opsets[0].Version)
		}
		nodes[n.Name] = true
		for _, name := range n.Inputs {
			if name != "" && !made[name] {
				t.Fatalf("node %q reads %q, which does not come before it", n.Name, name)
			}
			read[name] = true
		}
		for _, name := range n.Outputs {
			make(name)
		}
	}
	for _, v := range m.Graph.Outputs {
		if !made[v.Name] {
			t.Fatalf("output %q is not made", v.Name)
		}
		read[v.Name] = true
	}
	for _, c := range m.Graph.Initializers {
		if !read[c.Name] {
			t.Fatalf("constant %q is not read", c.Name)
		}
	}
	return m
}

func checkInitializer(t *testing.T, c *proto.Tensor) {
	t.Helper()
	size := elementSize[c.Type]
	for _, d := range c.Dims {
		size *= int(d)
	}
	if size == 0 || len(c.Raw) != size {
		t.Fatalf("constant %q: %d bytes for %v %v", c.Name, len(c.Raw), c.Type, c.Dims)
	}
}

// count returns how many nodes have an operator.
func count(m *proto.Model, op string) int {
	n := 0
	for _, node := range m.Graph.Nodes {
		if node.Op == op {
			n++
		}
	}
	return n
}

// find returns the node with the given name.
func find(t *testing.T, m *proto.Model, name string) proto.Node {
	t.Helper()
	for _, node := range m.Graph.Nodes {
		if node.Name == name {
			return node
		}
	}
	t.Fatalf("no node %q", name)
	return proto.Node{}
}

// constant returns the constant with the given name.
func constant(t *testing.T, m *proto.Model, name string) proto.Tensor {
	t.Helper()
	for _, c := range m.Graph.Initializers {
		if c.Name == name {
			return c
		}
	}
	t.Fatalf("no constant %q", name)
	return proto.Tensor{}
}

func attributeOf(t *testing.T, n proto.Node, name string) proto.Attribute {
	t.Helper()
	for _, a := range n.Attributes {
		if a.Name == name {
			return a
		}
	}
	t.Fatalf("node %q has no attribute %q", n.Name, name)
	return proto.Attribute{}
}

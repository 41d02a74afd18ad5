package proto

import (
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// Bytes returns the model in the ONNX file format. The same model gives the
// same bytes.
func (m *Model) Bytes() []byte {
	var w writer
	w.integer(1, m.IRVersion)
	w.text(2, m.Producer)
	w.text(3, m.ProducerVersion)
	w.message(7, m.Graph.write)
	for _, o := range m.Opsets {
		w.message(8, func(w *writer) {
			w.text(1, o.Domain)
			w.integer(2, o.Version)
		})
	}
	for _, e := range m.Metadata {
		w.message(14, e.write)
	}
	return w.out
}

// Bytes returns the tensor in the file format of the ONNX test data.
func (t *Tensor) Bytes() []byte {
	var w writer
	t.write(&w)
	return w.out
}

// writer appends fields; zero values are left out, as proto3 does.
type writer struct{ out []byte }

func (w *writer) integer(number protowire.Number, v int64) {
	if v != 0 {
		w.out = protowire.AppendTag(w.out, number, protowire.VarintType)
		w.out = protowire.AppendVarint(w.out, uint64(v))
	}
}

func (w *writer) text(number protowire.Number, s string) {
	if s != "" {
		w.element(number, s)
	}
}

// element writes an element of a repeated string, which may be empty.
func (w *writer) element(number protowire.Number, s string) {
	w.out = protowire.AppendTag(w.out, number, protowire.BytesType)
	w.out = protowire.AppendString(w.out, s)
}

func (w *writer) data(number protowire.Number, data []byte) {
	w.out = protowire.AppendTag(w.out, number, protowire.BytesType)
	w.out = protowire.AppendBytes(w.out, data)
}

// message writes an embedded message. Its length comes before it, so it is
// built apart.
func (w *writer) message(number protowire.Number, write func(*writer)) {
	var inner writer
	write(&inner)
	w.data(number, inner.out)
}

// integers writes a packed list.
func (w *writer) integers(number protowire.Number, list []int64) {
	if len(list) == 0 {
		return
	}
	var packed []byte
	for _, v := range list {
		packed = protowire.AppendVarint(packed, uint64(v))
	}
	w.data(number, packed)
}

func (e Entry) write(w *writer) {
	w.text(1, e.Key)
	w.text(2, e.Value)
}

func (g *Graph) write(w *writer) {
	for i := range g.Nodes {
		w.message(1, g.Nodes[i].write)
	}
	w.text(2, g.Name)
	for i := range g.Initializers {
		w.message(5, g.Initializers[i].write)
	}
	for _, v := range g.Inputs {
		w.message(11, v.write)
	}
	for _, v := range g.Outputs {
		w.message(12, v.write)
	}
}

func (n *Node) write(w *writer) {
	for _, s := range n.Inputs {
		w.element(1, s)
	}
	for _, s := range n.Outputs {
		w.element(2, s)
	}
	w.text(3, n.Name)
	w.text(4, n.Op)
	for i := range n.Attributes {
		w.message(5, n.Attributes[i].write)
	}
	w.text(7, n.Domain)
}

func (a *Attribute) write(w *writer) {
	w.text(1, a.Name)
	switch a.Type {
	case AttributeFloat:
		w.out = protowire.AppendTag(w.out, 2, protowire.Fixed32Type)
		w.out = protowire.AppendFixed32(w.out, math.Float32bits(a.Float))
	case AttributeInt:
		w.out = protowire.AppendTag(w.out, 3, protowire.VarintType)
		w.out = protowire.AppendVarint(w.out, uint64(a.Int))
	case AttributeString:
		w.element(4, a.String)
	case AttributeTensor:
		w.message(5, a.Tensor.write)
	case AttributeFloats:
		var packed []byte
		for _, v := range a.Floats {
			packed = protowire.AppendFixed32(packed, math.Float32bits(v))
		}
		w.data(7, packed)
	case AttributeInts:
		w.integers(8, a.Ints)
	case AttributeStrings:
		for _, s := range a.Strings {
			w.element(9, s)
		}
	}
	w.integer(20, int64(a.Type))
}

// write writes the elements as raw data.
func (t *Tensor) write(w *writer) {
	w.integers(1, t.Dims)
	w.integer(2, int64(t.Type))
	w.text(8, t.Name)
	w.data(9, t.Raw)
}

func (v Value) write(w *writer) {
	w.text(1, v.Name)
	w.message(2, func(w *writer) { // TypeProto
		w.message(1, func(w *writer) { // tensor
			w.integer(1, int64(v.Type.Elem))
			w.message(2, func(w *writer) { // shape
				for _, d := range v.Type.Shape {
					w.message(1, d.write)
				}
			})
		})
	})
}

func (d Dim) write(w *writer) {
	if d.Known {
		w.out = protowire.AppendTag(w.out, 1, protowire.VarintType)
		w.out = protowire.AppendVarint(w.out, uint64(d.Length))
		return
	}
	w.text(2, d.Param)
}

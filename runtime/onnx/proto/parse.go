package proto

import (
	"errors"
	"fmt"
	"math"
)

// Parse reads a ModelProto. Raw data stay parts of file.
func Parse(file []byte) (*Model, error) {
	m := &Model{}
	graphs := 0
	err := eachField(file, func(f field) error {
		switch f.number {
		case 1:
			return f.integer(&m.IRVersion)
		case 2:
			return f.text(&m.Producer)
		case 3:
			return f.text(&m.ProducerVersion)
		case 7:
			graphs++
			data, err := f.content()
			if err != nil {
				return err
			}
			return readGraph(data, &m.Graph)
		case 8:
			return message(f, &m.Opsets, readOperatorSet)
		case 14:
			return message(f, &m.Metadata, readEntry)
		case 25:
			m.Functions++
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("is no ONNX model or is damaged: %w", err)
	}
	if graphs != 1 {
		return nil, fmt.Errorf("is no ONNX model: it holds %d graphs, want 1", graphs)
	}
	return m, nil
}

func readOperatorSet(data []byte, o *OperatorSet) error {
	return eachField(data, func(f field) error {
		switch f.number {
		case 1:
			return f.text(&o.Domain)
		case 2:
			return f.integer(&o.Version)
		}
		return nil
	})
}

func readEntry(data []byte, e *Entry) error {
	return eachField(data, func(f field) error {
		switch f.number {
		case 1:
			return f.text(&e.Key)
		case 2:
			return f.text(&e.Value)
		}
		return nil
	})
}

func readGraph(data []byte, g *Graph) error {
	return eachField(data, func(f field) error {
		switch f.number {
		case 1:
			return message(f, &g.Nodes, readNode)
		case 2:
			return f.text(&g.Name)
		case 5:
			return message(f, &g.Initializers, readTensor)
		case 11:
			return message(f, &g.Inputs, readValue)
		case 12:
			return message(f, &g.Outputs, readValue)
		case 15:
			g.SparseInitializer = true
		}
		return nil
	})
}

func readNode(data []byte, n *Node) error {
	return eachField(data, func(f field) error {
		switch f.number {
		case 1:
			return f.texts(&n.Inputs)
		case 2:
			return f.texts(&n.Outputs)
		case 3:
			return f.text(&n.Name)
		case 4:
			return f.text(&n.Op)
		case 5:
			return message(f, &n.Attributes, readAttribute)
		case 7:
			return f.text(&n.Domain)
		}
		return nil
	})
}

func readAttribute(data []byte, a *Attribute) error {
	kind := int64(0)
	err := eachField(data, func(f field) error {
		switch f.number {
		case 1:
			return f.text(&a.Name)
		case 2:
			a.Float = math.Float32frombits(uint32(f.value))
		case 3:
			return f.integer(&a.Int)
		case 4:
			data, err := f.content()
			a.String = string(data) // bytes: whoever reads it knows what they mean
			return err
		case 5:
			data, err := f.content()
			if err != nil {
				return err
			}
			a.Tensor = &Tensor{}
			return readTensor(data, a.Tensor)
		case 7:
			return f.floats(&a.Floats)
		case 8:
			return varints(f, &a.Ints)
		case 9:
			data, err := f.content()
			a.Strings = append(a.Strings, string(data))
			return err
		case 20:
			return f.integer(&kind)
		}
		return nil
	})
	a.Type = AttributeType(kind)
	return err
}

func readTensor(data []byte, t *Tensor) error {
	return eachField(data, func(f field) error {
		switch f.number {
		case 1:
			return varints(f, &t.Dims)
		case 2:
			var kind int64
			err := f.integer(&kind)
			t.Type = DataType(kind)
			return err
		case 3:
			t.IsSegment = true
		case 4:
			return f.floats(&t.Floats)
		case 5:
			return varints(f, &t.Int32s)
		case 7:
			return varints(f, &t.Int64s)
		case 8:
			return f.text(&t.Name)
		case 9:
			t.HasRaw = true
			var err error
			t.Raw, err = f.content()
			return err
		case 10:
			return f.doubles(&t.Doubles)
		case 11:
			return varints(f, &t.UInt64s)
		case 13:
			return message(f, &t.External, readEntry)
		}
		return nil
	})
}

// ParseTensor reads a TensorProto, the file format of the ONNX test data. Raw
// data stay parts of file.
func ParseTensor(file []byte) (*Tensor, error) {
	t := &Tensor{}
	if err := readTensor(file, t); err != nil {
		return nil, fmt.Errorf("is no tensor or is damaged: %w", err)
	}
	if t.Type == 0 {
		return nil, errors.New("is no tensor: it has no element type")
	}
	return t, nil
}

func readValue(data []byte, v *Value) error {
	v.Type.Kind = KindUnknown
	return eachField(data, func(f field) error {
		switch f.number {
		case 1:
			return f.text(&v.Name)
		case 2:
			data, err := f.content()
			if err != nil {
				return err
			}
			return readType(data, &v.Type)
		}
		return nil
	})
}

func readType(data []byte, t *ValueType) error {
	return eachField(data, func(f field) error {
		switch f.number {
		case 1:
			t.Kind = KindTensor
			data, err := f.content()
			if err != nil {
				return err
			}
			return readTensorType(data, t)
		case 4:
			t.Kind = KindSequence
		case 5:
			t.Kind = KindMap
		case 8:
			t.Kind = KindSparse
		case 9:
			t.Kind = KindOptional
		}
		return nil
	})
}

func readTensorType(data []byte, t *ValueType) error {
	return eachField(data, func(f field) error {
		switch f.number {
		case 1:
			var kind int64
			err := f.integer(&kind)
			t.Elem = DataType(kind)
			return err
		case 2:
			t.HasShape = true
			data, err := f.content()
			if err != nil {
				return err
			}
			return eachField(data, func(f field) error {
				if f.number != 1 {
					return nil
				}
				return message(f, &t.Shape, readDim)
			})
		}
		return nil
	})
}

func readDim(data []byte, d *Dim) error {
	return eachField(data, func(f field) error {
		switch f.number {
		case 1:
			d.Known = true
			return f.integer(&d.Length)
		case 2:
			return f.text(&d.Param)
		}
		return nil
	})
}

package onnx

import (
	"fmt"
	"math"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/onnx/proto"
	"megl-edge/runtime/tensor"
)

// floats returns a list of real numbers, nil where it is not given.
func (c *call) floats(name string) ([]float32, error) {
	a, err := c.attribute(name, proto.AttributeFloats)
	if a == nil {
		return nil, err
	}
	return a.Floats, nil
}

// tensor returns a tensor attribute; ok is false where it is not given.
func (c *call) tensor(name string) (t tensor.Tensor, ok bool, err error) {
	a, err := c.attribute(name, proto.AttributeTensor)
	if err != nil || a == nil || a.Tensor == nil {
		return t, false, err
	}
	var external readExternal
	if c.external != nil {
		external = c.external.read
	}
	t, err = decodeTensor(a.Tensor, external)
	return t, true, err
}

// convertConstant: one of several attributes holds the value.
func convertConstant(c *call) ([]value, error) {
	if t, ok, err := c.tensor("value"); ok || err != nil {
		return single(value{id: c.Constant(c.name, t)}, err)
	}
	if len(c.node.Attributes) == 0 {
		return nil, fmt.Errorf("a constant without a value")
	}
	name := c.node.Attributes[0].Name
	kind, known := constantKinds[name]
	if !known {
		return nil, unsupported("a constant given as %s", quoted(name))
	}
	a, err := c.attribute(name, kind)
	if err != nil {
		return nil, err
	}
	var t tensor.Tensor
	switch name {
	case "value_float":
		t = tensor.Scalar(a.Float)
	case "value_int":
		t = tensor.Scalar(a.Int)
	case "value_floats":
		t, err = tensor.Of(tensor.Shape{len(a.Floats)}, a.Floats)
	case "value_ints":
		t, err = tensor.Of(tensor.Shape{len(a.Ints)}, a.Ints)
	default:
		err = unsupported("a constant given as %s", quoted(name))
	}
	return single(value{id: c.Constant(c.name, t)}, err)
}

var constantKinds = map[string]proto.AttributeType{
	"value_float": proto.AttributeFloat, "value_floats": proto.AttributeFloats,
	"value_int": proto.AttributeInt, "value_ints": proto.AttributeInts,
	"value_string": proto.AttributeString, "value_strings": proto.AttributeStrings,
}

func convertConstantOfShape(c *call) ([]value, error) {
	asked, err := c.constantInts(0)
	if err != nil {
		return nil, err
	}
	v, ok, err := c.tensor("value")
	if err != nil {
		return nil, err
	}
	if !ok {
		v = tensor.Scalar[float32](0)
	}
	shape, err := shapeOf(asked, v.DType.Size())
	if err != nil {
		return nil, err
	}
	if v.Shape.Elements() != 1 {
		return nil, fmt.Errorf("a value of %d elements, want 1", v.Shape.Elements())
	}
	v.Shape = tensor.Shape{}
	return single(value{id: c.broadcast(c.Constant(c.name, v), shape)}, nil)
}

func (im *importer) int64s(numbers ...int64) graph.ID {
	return im.Constant(im.name, tensor.Must(tensor.Of(tensor.Shape{len(numbers)}, numbers)))
}

// convertShape: shapes are known.
func convertShape(c *call) ([]value, error) {
	if err := c.require(1); err != nil {
		return nil, err
	}
	shape := c.shape(c.in[0])
	first, err := c.int("start", 0)
	if err != nil {
		return nil, err
	}
	last, err := c.int("end", int64(len(shape)))
	if err != nil {
		return nil, err
	}
	start, count, err := sliceRange(first, last, 1, len(shape))
	if err != nil {
		return nil, err
	}
	lengths := []int64{}
	for i := range count {
		lengths = append(lengths, int64(shape[start+i]))
	}
	return single(value{id: c.int64s(lengths...)}, nil)
}

func convertSize(c *call) ([]value, error) {
	if err := c.require(1); err != nil {
		return nil, err
	}
	n := int64(c.shape(c.in[0]).Elements())
	return single(value{id: c.Constant(c.name, tensor.Scalar(n))}, nil)
}

// convertRange: start, limit, delta must be known, since the length follows.
func convertRange(c *call) ([]value, error) {
	var ends [3]float64
	var d tensor.DType
	for i := range ends {
		t, err := c.known(i)
		if err != nil {
			return nil, err
		}
		if t.Shape.Elements() != 1 {
			return nil, fmt.Errorf("input %d has %d elements, want 1", i, t.Shape.Elements())
		}
		wide, err := runtimeCast(t, tensor.Float64)
		if err != nil {
			return nil, err
		}
		ends[i], d = tensor.Elements[float64](wide)[0], t.DType
	}
	count := math.Max(0, math.Ceil((ends[1]-ends[0])/ends[2]))
	if !(count*8 <= float64(c.budget)) {
		return nil, fmt.Errorf("a range from %v to %v in steps of %v is too long", ends[0], ends[1], ends[2])
	}
	c.reserve(int(count), 8+d.Size())
	numbers := make([]float64, int(count))
	for i := range numbers {
		numbers[i] = ends[0] + float64(float64(i)*ends[2])
	}
	t, err := runtimeCast(tensor.Must(tensor.Of(tensor.Shape{len(numbers)}, numbers)), d)
	return single(value{id: c.Constant(c.name, t)}, err)
}

// convertOneHot: indices, depth, [off, on].
func convertOneHot(c *call) ([]value, error) {
	depths, err := c.constantInts(1)
	if err != nil || len(depths) != 1 || !c.has(2) {
		return nil, orMissing(err)
	}
	depth := depths[0]
	if depth < 1 || depth > 1<<24 {
		return nil, fmt.Errorf("depth is %d", depth)
	}
	at, err := c.int("axis", -1)
	if err != nil {
		return nil, err
	}
	indices := c.cast(c.plain(c.in[0]), tensor.Int32)
	shape := c.Shape(indices)
	axis, err := normalized(at, len(shape)+1)
	if err != nil {
		return nil, err
	}
	indices, err = c.indices(indices, int(depth))
	if err != nil {
		return nil, err
	}
	c.reserve(int(depth), 4)
	positions := make([]int32, depth)
	for i := range positions {
		positions[i] = int32(i)
	}
	row := make(tensor.Shape, len(shape)+1-axis)
	for i := range row {
		row[i] = 1
	}
	row[0] = int(depth)
	classes := c.Constant("classes", tensor.Must(tensor.Of(row, positions)))
	apart := append(append(shape[:axis].Clone(), 1), shape[axis:]...)
	hot := c.apply(graph.OpEqual, nil, c.reshapedNode(indices, apart), classes)
	values := c.plain(c.in[2])
	if !c.Shape(values).Equal(tensor.Shape{2}) {
		return nil, fmt.Errorf("values have shape %v, want 2", c.Shape(values))
	}
	pick := func(i int) graph.ID { return c.reshapedNode(c.strided(values, 0, i, 1, 1), tensor.Shape{}) }
	return single(value{id: c.choose(hot, pick(1), pick(0))}, nil)
}

// convertDropout: at inference nothing is dropped.
func convertDropout(c *call) ([]value, error) {
	if err := c.require(1); err != nil {
		return nil, err
	}
	ratio, err := c.float("ratio", 0.5)
	if err != nil {
		return nil, err
	}
	c.ignore("seed", "is_test")
	training := false
	if c.has(2) {
		t, err := c.known(2)
		if err != nil {
			return nil, err
		}
		training = len(t.Data) > 0 && t.Data[0] != 0
	}
	if training {
		if c.has(1) {
			given, err := c.constantFloats(1)
			if err != nil || len(given) != 1 {
				return nil, orMissing(err)
			}
			ratio = given[0]
		}
		if ratio != 0 {
			return nil, unsupported("Dropout while training")
		}
	}
	if len(c.node.Outputs) < 2 {
		return single(c.in[0], nil)
	}
	mask := c.broadcast(c.Constant("kept", tensor.Scalar(true)), c.shape(c.in[0]))
	return []value{c.in[0], {id: mask}}, nil
}

package tflite

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"megl-edge/runtime/tensor"
)

// tensorInfo is a tensor as the file describes it; data is nil unless it is a
// constant.
type tensorInfo struct {
	name      string
	shape     tensor.Shape
	kind      elementType
	data      []byte
	scale     []float32
	zeroPoint []int64
	axis      int
}

type elementType int8

// The element types that are used, by their number in the schema.
const (
	typeFloat32 elementType = 0
	typeFloat16 elementType = 1
	typeInt32   elementType = 2
	typeUInt8   elementType = 3
	typeInt64   elementType = 4
	typeInt8    elementType = 9
)

var elementTypeNames = map[elementType]string{
	typeFloat32: "float32", typeFloat16: "float16", typeInt32: "int32", typeUInt8: "uint8", typeInt64: "int64",
	typeInt8: "int8", 5: "string", 6: "bool", 7: "int16", 8: "complex64", 10: "float64", 17: "int4",
}

func (t elementType) String() string {
	if name, ok := elementTypeNames[t]; ok {
		return name
	}
	return fmt.Sprintf("element type %d", int8(t))
}

func (t elementType) quantized() bool { return t == typeInt8 || t == typeUInt8 }

func readTensor(t table, buffers []table) (tensorInfo, error) {
	q := t.table(tensorQuantization)
	info := tensorInfo{
		name:      t.string(tensorName),
		shape:     t.ints(tensorShape),
		kind:      elementType(t.int8(tensorType)),
		scale:     q.float32s(quantizationScale),
		zeroPoint: q.int64s(quantizationZeroPoint),
		axis:      q.int(quantizationAxis, 0),
	}
	buffer := t.int(tensorBuffer, 0)
	switch {
	case buffer < 0 || buffer >= len(buffers):
		return info, fmt.Errorf("%.64q lies in buffer %d of %d", info.name, buffer, len(buffers))
	case len(info.shape) > tensor.MaxRank:
		return info, fmt.Errorf("%.64q has %d dimensions, at most %d are allowed", info.name, len(info.shape), tensor.MaxRank)
	case t.has(tensorSparsity):
		return info, fmt.Errorf("%.64q is stored sparse: convert without sparsity", info.name)
	}
	if data := buffers[buffer].bytes(bufferData); len(data) > 0 {
		info.data = data
	}
	return info, nil
}

// quantization returns the scales and zero points of an int8 or uint8 tensor, as
// those of the int8 values that it becomes.
func (t *tensorInfo) quantization() (*tensor.Quantization, error) {
	if !t.kind.quantized() {
		return nil, fmt.Errorf("tensor %.64q is %v, want int8 or uint8", t.name, t.kind)
	}
	if len(t.scale) == 0 {
		return nil, fmt.Errorf("tensor %.64q is %v but has no scale", t.name, t.kind)
	}
	q := &tensor.Quantization{Scale: t.scale, ZeroPoint: make([]int32, len(t.scale)), Axis: t.axis}
	if len(t.scale) == 1 {
		q.Axis = 0 // has no meaning, and may be anything
	}
	if len(t.zeroPoint) != len(t.scale) && len(t.zeroPoint) != 0 {
		return nil, fmt.Errorf("tensor %.64q has %d scales and %d zero points", t.name, len(t.scale), len(t.zeroPoint))
	}
	for i, z := range t.zeroPoint {
		if t.kind == typeUInt8 {
			z -= 128
		}
		q.ZeroPoint[i] = int32(min(max(z, math.MinInt32), math.MaxInt32)) // what does not fit int8 is refused below
	}
	if err := q.Check(tensor.Int8, t.shape); err != nil {
		return nil, fmt.Errorf("tensor %.64q: %w", t.name, err)
	}
	return q, nil
}

// perTensor is quantization for values that have one scale.
func (t *tensorInfo) perTensor() (*tensor.Quantization, error) {
	q, err := t.quantization()
	if err == nil && !q.IsPerTensor() {
		err = fmt.Errorf("tensor %.64q has a scale for each channel, which only weights may have", t.name)
	}
	return q, err
}

// value returns a constant: float32 or int32 as stored, int8 and uint8 as int8
// with their quantization.
func (t *tensorInfo) value() (tensor.Tensor, error) {
	dtypes := map[elementType]tensor.DType{
		typeFloat32: tensor.Float32, typeInt32: tensor.Int32, typeInt8: tensor.Int8, typeUInt8: tensor.Int8,
	}
	value := tensor.Type{DType: dtypes[t.kind], Shape: t.shape}
	if value.DType == tensor.Invalid {
		return tensor.Tensor{}, fmt.Errorf("constant %.64q is %v, want float32, int32, int8 or uint8", t.name, t.kind)
	}
	if err := value.Check(); err != nil {
		return tensor.Tensor{}, fmt.Errorf("constant %.64q: %w", t.name, err)
	}
	if value.Bytes() != len(t.data) {
		return tensor.Tensor{}, fmt.Errorf("constant %.64q is %v, but has %d bytes", t.name, value, len(t.data))
	}
	if t.kind.quantized() {
		q, err := t.quantization()
		if err != nil {
			return tensor.Tensor{}, err
		}
		value.Quant = q
	}
	// Copied, since the file need not be aligned and belongs to the caller.
	v := tensor.Zeros(value)
	copy(v.Data, t.data)
	if t.kind == typeUInt8 {
		for i := range v.Data {
			v.Data[i] ^= 1 << 7 // minus 128
		}
	}
	return v, nil
}

// maxIntegers is the longest list of axes or lengths that an operator has.
const maxIntegers = 2 * tensor.MaxRank

var errNotConstant = errors.New("is computed, only constants can be read")

// integers returns the elements of a short constant list of int32 or int64.
func (t *tensorInfo) integers() ([]int, error) {
	size := 4
	switch t.kind {
	case typeInt32:
	case typeInt64:
		size = 8
	default:
		return nil, fmt.Errorf("tensor %.64q is %v, want int32 or int64", t.name, t.kind)
	}
	if t.data == nil {
		return nil, fmt.Errorf("tensor %.64q %w", t.name, errNotConstant)
	}
	if len(t.data)%size != 0 || len(t.data) > maxIntegers*size {
		return nil, fmt.Errorf("tensor %.64q has %d bytes, want at most %d integers", t.name, len(t.data), maxIntegers)
	}
	var values []int
	for at := 0; at < len(t.data); at += size {
		v := int64(int32(binary.LittleEndian.Uint32(t.data[at:])))
		if size == 8 {
			v = int64(binary.LittleEndian.Uint64(t.data[at:]))
		}
		if v != int64(int32(v)) {
			return nil, fmt.Errorf("tensor %.64q holds %d, which is out of range", t.name, v)
		}
		values = append(values, int(v))
	}
	return values, nil
}

package tflite

import (
	"errors"
	"fmt"
)

// The fields that are read, by their number in tensorflow/lite/schema/schema.fbs.
const (
	modelOperatorCodes, modelSubgraphs, modelBuffers, modelMetadata = 1, 2, 4, 6

	codeDeprecated, codeCustom, codeBuiltin = 0, 1, 3

	subgraphTensors, subgraphInputs, subgraphOutputs, subgraphOperators = 0, 1, 2, 3

	tensorShape, tensorType, tensorBuffer, tensorName, tensorQuantization = 0, 1, 2, 3, 4

	quantizationScale, quantizationZeroPoint, quantizationAxis = 2, 3, 6

	operatorCode, operatorInputs, operatorOutputs, operatorOptions = 0, 1, 2, 4

	bufferData = 0

	metadataName, metadataBuffer = 0, 1
)

// file is what a TFLite file holds, read and checked for indices that lead
// nowhere.
type file struct {
	operators []operator
	tensors   []tensorInfo
	inputs    []int
	outputs   []int
	metadata  []byte // the flatbuffer of TensorFlow Lite metadata, if any
}

type operator struct {
	code    opcode
	custom  string
	inputs  []int // −1 where an optional one is absent
	outputs []int
	options options
}

// tensorInfo is a tensor as the file describes it; data is nil unless it is a
// constant.
type tensorInfo struct {
	name      string
	shape     []int
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
	typeInt8: "int8", 5: "string", 6: "bool", 7: "int16", 8: "complex64", 10: "float64",
}

func (t elementType) String() string {
	if name, ok := elementTypeNames[t]; ok {
		return name
	}
	return fmt.Sprintf("element type %d", int8(t))
}

var errDamaged = errors.New("is damaged: an offset leads out of the file")

// parse reads the container. The flatbuffers library panics where an offset
// leads out of the file; nothing but reading happens under the recover, so that
// no other mistake is taken for a damaged file.
func parse(data []byte) (f *file, err error) {
	if len(data) < 8 || string(data[4:8]) != "TFL3" {
		return nil, errors.New("is not a TensorFlow Lite file (no TFL3 mark)")
	}
	defer func() {
		if recover() != nil {
			f, err = nil, errDamaged
		}
	}()
	return parseModel(rootTable(data))
}

func parseModel(model table) (*file, error) {
	subgraphs := model.tables(modelSubgraphs)
	if len(subgraphs) != 1 {
		return nil, fmt.Errorf("has %d subgraphs, only files with one can be read", len(subgraphs))
	}
	buffers := model.tables(modelBuffers)
	f := &file{
		inputs:   subgraphs[0].ints(subgraphInputs),
		outputs:  subgraphs[0].ints(subgraphOutputs),
		metadata: findMetadata(model, buffers),
	}
	for _, t := range subgraphs[0].tables(subgraphTensors) {
		info, err := parseTensor(t, buffers)
		if err != nil {
			return nil, err
		}
		f.tensors = append(f.tensors, info)
	}
	codes := model.tables(modelOperatorCodes)
	for i, t := range subgraphs[0].tables(subgraphOperators) {
		op, err := parseOperator(t, codes)
		if err != nil {
			return nil, fmt.Errorf("operator %d: %w", i, err)
		}
		f.operators = append(f.operators, op)
	}
	return f, f.checkIndices()
}

func parseTensor(t table, buffers []table) (tensorInfo, error) {
	info := tensorInfo{name: t.string(tensorName), shape: t.ints(tensorShape), kind: elementType(t.int8(tensorType))}
	if q, ok := t.table(tensorQuantization); ok {
		info.scale, info.zeroPoint, info.axis = q.float32s(quantizationScale), q.int64s(quantizationZeroPoint), q.int(quantizationAxis, 0)
	}
	buffer := t.int(tensorBuffer, 0)
	if buffer < 0 || buffer >= len(buffers) {
		return info, fmt.Errorf("tensor %q is in buffer %d of %d", info.name, buffer, len(buffers))
	}
	if data := buffers[buffer].bytes(bufferData); len(data) > 0 {
		info.data = data
	}
	return info, nil
}

func parseOperator(t table, codes []table) (operator, error) {
	index := t.int(operatorCode, 0)
	if index < 0 || index >= len(codes) {
		return operator{}, fmt.Errorf("has code %d of %d", index, len(codes))
	}
	// Files of before 2020 have the code in one byte only.
	code := opcode(max(int(codes[index].int8(codeDeprecated)), codes[index].int(codeBuiltin, 0)))
	op := operator{code: code, custom: codes[index].string(codeCustom), inputs: t.ints(operatorInputs), outputs: t.ints(operatorOutputs)}
	if at, ok := t.table(operatorOptions); ok {
		op.options = parseOptions(code, at)
	} else {
		op.options = defaultOptions()
	}
	return op, nil
}

func (f *file) checkIndices() error {
	inside := func(where string, indices []int, least int) error {
		for _, i := range indices {
			if i < least || i >= len(f.tensors) {
				return fmt.Errorf("%s refers to tensor %d of %d", where, i, len(f.tensors))
			}
		}
		return nil
	}
	if err := inside("the list of inputs", f.inputs, 0); err != nil {
		return err
	}
	if err := inside("the list of outputs", f.outputs, 0); err != nil {
		return err
	}
	for i, op := range f.operators {
		where := fmt.Sprintf("operator %d (%v)", i, op.code)
		if err := inside(where, op.inputs, -1); err != nil {
			return err
		}
		if err := inside(where, op.outputs, 0); err != nil {
			return err
		}
		if len(op.outputs) != 1 {
			return fmt.Errorf("%s has %d results, want 1", where, len(op.outputs))
		}
	}
	return nil
}

// findMetadata returns the buffer with TensorFlow Lite metadata, or nil.
func findMetadata(model table, buffers []table) []byte {
	for _, m := range model.tables(modelMetadata) {
		if i := m.int(metadataBuffer, 0); m.string(metadataName) == "TFLITE_METADATA" && i >= 0 && i < len(buffers) {
			return buffers[i].bytes(bufferData)
		}
	}
	return nil
}

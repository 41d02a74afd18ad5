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

	tensorShape, tensorType, tensorBuffer, tensorName, tensorQuantization, tensorSparsity = 0, 1, 2, 3, 4, 6

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
	opcode
	inputs  []int // −1 where an optional one is absent
	outputs []int
	options options
}

// parse reads the container.
func parse(data []byte) (*file, error) {
	if len(data) < 8 || string(data[4:8]) != "TFL3" {
		return nil, errors.New("is not a TensorFlow Lite file: the mark TFL3 is missing")
	}
	f := &file{}
	if err := guarded(func() error { return f.read(rootTable(data)) }); err != nil {
		return nil, err
	}
	return f, f.checkIndices()
}

func (f *file) read(model table) error {
	subgraphs := model.tables(modelSubgraphs)
	if len(subgraphs) != 1 {
		return fmt.Errorf("has %d subgraphs, only files with one can be read", len(subgraphs))
	}
	main, buffers := subgraphs[0], model.tables(modelBuffers)
	f.inputs, f.outputs = main.ints(subgraphInputs), main.ints(subgraphOutputs)
	f.metadata = findMetadata(model, buffers)
	for i, t := range main.tables(subgraphTensors) {
		info, err := readTensor(t, buffers)
		if err != nil {
			return fmt.Errorf("tensor %d: %w", i, err)
		}
		f.tensors = append(f.tensors, info)
	}
	codes := readCodes(model)
	for i, t := range main.tables(subgraphOperators) {
		op, err := readOperator(t, codes)
		if err != nil {
			return fmt.Errorf("operator %d: %w", i, err)
		}
		f.operators = append(f.operators, op)
	}
	return nil
}

func readCodes(model table) []opcode {
	var codes []opcode
	for _, t := range model.tables(modelOperatorCodes) {
		// Files of before 2020 have the code in one byte only.
		builtin := max(int(t.int8(codeDeprecated)), t.int(codeBuiltin, 0))
		codes = append(codes, opcode{builtin, t.string(codeCustom)})
	}
	return codes
}

func readOperator(t table, codes []opcode) (operator, error) {
	index := t.int(operatorCode, 0)
	if index < 0 || index >= len(codes) {
		return operator{}, fmt.Errorf("has operator code %d of %d", index, len(codes))
	}
	return operator{
		opcode:  codes[index],
		inputs:  t.ints(operatorInputs),
		outputs: t.ints(operatorOutputs),
		options: readOptions(codes[index].builtin, t.table(operatorOptions)),
	}, nil
}

// findMetadata returns the buffer with TensorFlow Lite metadata, or nil.
func findMetadata(model table, buffers []table) []byte {
	for _, m := range model.tables(modelMetadata) {
		i := m.int(metadataBuffer, 0)
		if m.string(metadataName) == "TFLITE_METADATA" && i >= 0 && i < len(buffers) {
			return buffers[i].bytes(bufferData)
		}
	}
	return nil
}

func (f *file) checkIndices() error {
	if err := f.checkList("the list of inputs", f.inputs, 0); err != nil {
		return err
	}
	if err := f.checkList("the list of outputs", f.outputs, 0); err != nil {
		return err
	}
	for i, op := range f.operators {
		where := fmt.Sprintf("operator %d (%v)", i, op.opcode)
		if err := f.checkList(where, op.inputs, -1); err != nil {
			return err
		}
		if err := f.checkList(where, op.outputs, 0); err != nil {
			return err
		}
	}
	return nil
}

// checkList fails on indices that are no tensor; least is −1 where a tensor may
// be absent.
func (f *file) checkList(where string, indices []int, least int) error {
	for _, i := range indices {
		if i < least || i >= len(f.tensors) {
			return fmt.Errorf("%s refers to tensor %d of %d", where, i, len(f.tensors))
		}
	}
	return nil
}

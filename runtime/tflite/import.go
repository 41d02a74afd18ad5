package tflite

import (
	"errors"
	"fmt"
	"strings"
	"unicode"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

// Options of Import.
type Options struct {
	// Mean and Std are what pixels of 0 to 255 are normalised with before a float
	// network; nil takes what the file says, or 127.5. An int8 or uint8 network
	// says it with its quantization.
	Mean, Std *float32
}

// NormalizationSource says where mean and standard deviation come from.
type NormalizationSource string

// The sources.
const (
	FromQuantization NormalizationSource = "quantization"
	FromMetadata     NormalizationSource = "metadata"
	FromOptions      NormalizationSource = "options"
	Assumed          NormalizationSource = "assumed"
)

// Model is what a file holds.
type Model struct {
	// Graph goes from the input "image", uint8 [1 × Height × Width × 3] RGB, to
	// the output "output", the file's one result.
	Graph         *graph.Graph
	Labels        []string // nil where the file has none
	Width, Height int
	// Mean and Std of each channel, in pixel units; part of the graph.
	Mean, Std           [3]float32
	NormalizationSource NormalizationSource
}

// UnsupportedError says that the file has an operator that is not read.
type UnsupportedError struct {
	Index    int    // of the operator in the file
	Operator string // its name
}

func (e *UnsupportedError) Error() string {
	return fmt.Sprintf("operator %d is %s, which is not supported; supported are %s",
		e.Index, e.Operator, strings.Join(Supported(), ", "))
}

// Import reads a file. data stays shared with the graph's constants.
func Import(data []byte, opt Options) (*Model, error) {
	f, err := parse(data)
	if err != nil {
		return nil, err
	}
	im := &importer{
		file: f, b: graph.NewBuilder(), values: map[int]graph.ID{}, absorbed: map[int][4]int{}, uses: map[int]int{},
		model: &Model{},
	}
	if err := im.run(opt); err != nil {
		return nil, err
	}
	if im.model.Graph, err = im.b.Build(); err != nil {
		return nil, err
	}
	im.model.Labels = readLabels(data)
	return im.model, nil
}

// importer builds the graph, one operator after the other.
type importer struct {
	*file
	b        *graph.Builder
	model    *Model
	values   map[int]graph.ID // of the tensors computed so far
	uses     map[int]int      // how many operators read a tensor
	absorbed map[int][4]int   // padding that the next convolution takes over
}

func (im *importer) run(opt Options) error {
	if len(im.inputs) != 1 || len(im.outputs) != 1 {
		return fmt.Errorf("has %d inputs and %d outputs: only networks from one photo to one list of class scores can be read", len(im.inputs), len(im.outputs))
	}
	for _, op := range im.operators {
		for _, in := range op.inputs {
			im.uses[in]++
		}
	}
	if err := im.input(opt); err != nil {
		return err
	}
	for i := range im.operators {
		if err := im.convert(i, &im.operators[i]); err != nil {
			return err
		}
	}
	output, err := im.value(im.outputs[0])
	if err != nil {
		return fmt.Errorf("the result: %w", err)
	}
	im.b.Output("output", output)
	return im.b.Err()
}

func (im *importer) convert(i int, op *operator) error {
	row, ok := converters[op.code]
	if !ok {
		name := op.code.String()
		if op.code == opCustom {
			name = fmt.Sprintf("the custom operator %q", op.custom)
		}
		return &UnsupportedError{i, name}
	}
	err := row.convert(im, op)
	if err == nil {
		err = im.b.Err()
	}
	if err == nil {
		err = im.checkShape(op)
	}
	if err != nil {
		return fmt.Errorf("operator %d (%s): %w", i, row.name, err)
	}
	return nil
}

// checkShape compares what was built with what the file says.
func (im *importer) checkShape(op *operator) error {
	out := op.outputs[0]
	if _, pending := im.absorbed[out]; pending {
		return nil
	}
	if got, want := im.b.Shape(im.values[out]), tensor.Shape(im.tensors[out].shape); !got.Equal(want) {
		return fmt.Errorf("the result has shape %v, the file says %v", got, want)
	}
	return nil
}

// value returns the node of a tensor, building it where it is a constant.
func (im *importer) value(index int) (graph.ID, error) {
	if id, ok := im.values[index]; ok {
		if _, pending := im.absorbed[index]; pending {
			return graph.None, errors.New("reads a padding in an unexpected way")
		}
		return id, nil
	}
	if index < 0 {
		return graph.None, errors.New("an input is missing")
	}
	info := &im.tensors[index]
	if info.data == nil {
		return graph.None, fmt.Errorf("reads tensor %q before it is computed", cleanName(info.name, index))
	}
	t, err := info.constant()
	if err != nil {
		return graph.None, fmt.Errorf("tensor %q: %w", cleanName(info.name, index), err)
	}
	id := im.b.Constant(cleanName(info.name, index), t)
	im.values[index] = id
	return id, im.b.Err()
}

// valuesOf returns the nodes of an operator's first inputs.
func (im *importer) valuesOf(op *operator, count int) ([]graph.ID, error) {
	if len(op.inputs) < count {
		return nil, fmt.Errorf("has %d inputs, want %d", len(op.inputs), count)
	}
	ids := make([]graph.ID, count)
	for i := range ids {
		var err error
		if ids[i], err = im.value(op.inputs[i]); err != nil {
			return nil, err
		}
	}
	return ids, nil
}

// set records an operator's result.
func (im *importer) set(op *operator, id graph.ID) { im.values[op.outputs[0]] = id }

// name returns the name of an operator's result.
func (im *importer) name(op *operator) string {
	return cleanName(im.tensors[op.outputs[0]].name, op.outputs[0])
}

// isQuantized tells whether a tensor holds int8 or uint8 values.
func (im *importer) isQuantized(index int) bool {
	kind := im.tensors[index].kind
	return kind == typeInt8 || kind == typeUInt8
}

// sameKind fails where float and int8 meet: the result's kind decides which
// operator it is.
func (im *importer) sameKind(op *operator, inputs int) error {
	for _, in := range op.inputs[:inputs] {
		if im.isQuantized(in) != im.isQuantized(op.outputs[0]) {
			return errors.New("mixes float32 and int8 values (weights alone in int8, or float16 weights): convert the network with full integer quantization, or as float32")
		}
	}
	return nil
}

// cleanName makes a tensor's name fit to show: TensorFlow joins the names of
// everything that was fused with semicolons, and nothing bounds them.
func cleanName(name string, index int) string {
	const most = 200
	name, _, _ = strings.Cut(name, ";")
	printable := strings.Map(func(r rune) rune {
		if r == unicode.ReplacementChar || !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, name)
	if runes := []rune(printable); len(runes) > most {
		printable = string(runes[len(runes)-most:])
	}
	if printable == "" || printable == imageName {
		return fmt.Sprintf("tensor_%d", index)
	}
	return printable
}

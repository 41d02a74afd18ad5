package tflite

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"megl-edge/runtime/graph"
)

// Model is an imported network.
type Model struct {
	// Graph has the input "image", uint8 [1 × Height × Width × 3] (or 1 channel),
	// and the output "output", float32 or int8: one score for each class.
	Graph  *graph.Graph
	Labels []string // one for each class; nil where the file has none
	Width  int
	Height int
	// Mean and Std say what pixels, 0 to 255, become: (pixel − Mean)/Std for each
	// channel. With one channel all three are equal.
	Mean, Std           [3]float32
	NormalizationSource Source
}

// The names of the graph's input and output.
const (
	imageInput  = "image"
	scoreOutput = "output"
)

// Import reads a TensorFlow Lite file. The graph shares no memory with data.
// Errors are about the file; the caller adds its name.
func Import(data []byte, opt Options) (*Model, error) {
	f, err := parse(data)
	if err != nil {
		return nil, err
	}
	im := newImporter(f, len(data))
	m := &Model{}
	if err := im.addInput(m, opt); err != nil {
		return nil, err
	}
	for i := range f.operators {
		if err := im.convert(&f.operators[i]); err != nil {
			return nil, fmt.Errorf("operator %d (%v): %w", i, f.operators[i].opcode, err)
		}
	}
	classes, err := im.addOutput()
	if err != nil {
		return nil, err
	}
	if m.Graph, err = im.Build(); err != nil {
		return nil, err
	}
	if m.Graph.Len() > maxNodes {
		return nil, fmt.Errorf("the network has %d nodes, at most %d can be stored", m.Graph.Len(), maxNodes)
	}
	m.Labels = readLabels(data, classes)
	return m, nil
}

// maxNodes is what the model file can hold.
const maxNodes = 1 << 16

// importer turns the operators of a file into nodes, one after the other.
type importer struct {
	*graph.Builder
	*file
	values    []graph.ID          // the node of every tensor, None until there is one
	readers   []int               // how many times operators and outputs read a tensor
	reader    []*operator         // the last operator that does
	absorbed  map[int]graph.Sides // the padding of padded tensors that a convolution does itself
	constants int                 // bytes that constants may still take
}

func newImporter(f *file, size int) *importer {
	im := &importer{
		Builder:  graph.NewBuilder(),
		file:     f,
		values:   slices.Repeat([]graph.ID{graph.None}, len(f.tensors)),
		readers:  make([]int, len(f.tensors)),
		reader:   make([]*operator, len(f.tensors)),
		absorbed: map[int]graph.Sides{},
		// Constants may share a buffer, so that a small file could ask for much
		// memory; honest ones share little.
		constants: 4 * size,
	}
	for _, index := range f.outputs {
		im.readers[index]++
	}
	for i := range f.operators {
		op := &f.operators[i]
		for _, index := range op.inputs {
			if index >= 0 {
				im.readers[index]++
				im.reader[index] = op
			}
		}
	}
	return im
}

// convert appends the nodes of one operator.
func (im *importer) convert(op *operator) error {
	conversion, ok := conversions[op.builtin]
	if !ok {
		return fmt.Errorf("is not supported; these are: %s", strings.Join(Supported(), ", "))
	}
	if len(op.outputs) != 1 {
		return fmt.Errorf("has %d results, want 1", len(op.outputs))
	}
	result := op.outputs[0]
	if im.values[result] != graph.None || im.tensors[result].data != nil {
		return fmt.Errorf("computes tensor %.64q, which has a value already", im.tensors[result].name)
	}
	id, err := conversion(im, op)
	if err != nil {
		return err
	}
	if err := im.Err(); err != nil {
		return err
	}
	if err := im.checkShape(result, id); err != nil {
		return err
	}
	im.values[result] = id
	return nil
}

// checkShape fails on an empty result, and on one that is not what the file
// expects: then an operator means something else than was read. The batch may
// differ, since ours is always one image.
func (im *importer) checkShape(result int, id graph.ID) error {
	got, want := im.Shape(id), im.tensors[result].shape
	_, absorbed := im.absorbed[result]
	if len(want) > 0 && !absorbed && (len(got) != len(want) || !got[1:].Equal(want[1:])) {
		return fmt.Errorf("result has shape %v, the file says %v", got, want)
	}
	if got.Elements() == 0 {
		return fmt.Errorf("result of shape %v is empty", got)
	}
	return nil
}

// addOutput declares the class scores and returns how many classes there are.
func (im *importer) addOutput() (classes int, err error) {
	if len(im.outputs) != 1 {
		return 0, fmt.Errorf("has %d outputs; only classification models with one can be imported", len(im.outputs))
	}
	scores := im.values[im.outputs[0]]
	if scores == graph.None {
		return 0, errors.New("has an output that no operator computes")
	}
	shape := im.Shape(scores)
	if n := len(shape); n > 0 {
		classes = shape[n-1]
	}
	if classes == 0 || classes != shape.Elements() {
		return 0, fmt.Errorf("has a result of shape %v; only classification models, with a result of 1×classes, can be imported", shape)
	}
	im.Output(scoreOutput, scores)
	return classes, im.Err()
}

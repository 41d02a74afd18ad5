package quant

import (
	"fmt"

	"megl-edge/runtime"
	"megl-edge/runtime/graph"
	"megl-edge/runtime/model"
	"megl-edge/runtime/tensor"
)

// watch runs a graph on photos and shows values on the way.
type watch struct {
	session *runtime.Session
	names   []string // of the outputs that the values have
	reals   []tensor.Tensor
}

// newWatch prepares g with the given nodes as outputs, quantized ones as real
// numbers.
func newWatch(g *graph.Graph, nodes []graph.ID) (*watch, error) {
	b := graph.Extend(g)
	b.ClearOutputs()
	w := &watch{}
	for i, id := range nodes {
		name := fmt.Sprintf("watched %d", i)
		b.Output(name, b.Real(id))
		w.names = append(w.names, name)
	}
	watched, err := b.Build()
	if err != nil {
		return nil, err
	}
	plan, err := runtime.Compile(watched, runtime.Options{})
	if err != nil {
		return nil, err
	}
	w.session = plan.NewSession(0)
	for _, name := range w.names {
		real, err := w.session.Output(name)
		if err != nil {
			return nil, err
		}
		w.reals = append(w.reals, real)
	}
	return w, nil
}

func (w *watch) run(photo tensor.Tensor) error {
	image, err := w.session.Input(model.ImageInput)
	if err != nil {
		return err
	}
	if !photo.Type.Equal(image.Type) {
		return fmt.Errorf("photo is %v, the model takes %v", photo.Type, image.Type)
	}
	copy(image.Data, photo.Data)
	w.session.Run()
	return nil
}

// value returns the real numbers of the i-th watched node, valid until the next
// run.
func (w *watch) value(i int) []float32 { return tensor.Elements[float32](w.reals[i]) }

func (w *watch) close() { w.session.Close() }

package train

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"reflect"
	"time"

	"megl-edge/runtime/atomicfile"
	"megl-edge/runtime/model"
	"megl-edge/runtime/model/safetensors"
	"megl-edge/runtime/tensor"
)

// Checkpoint is a run as it was saved.
type Checkpoint struct {
	State   State
	Options Options
	Labels  []string
	Rows    int // of the data set

	prior   *model.Prior
	steps   int // of the optimizer
	tensors map[string][]float32
}

// checkpointVersion is what this package writes and reads.
const checkpointVersion = 1

// header is the metadata of a checkpoint file.
type header struct {
	Version   int          `json:"version"`
	State     State        `json:"state"`
	Options   Options      `json:"options"`
	Labels    []string     `json:"labels"`
	Rows      int          `json:"rows"`
	Optimizer int          `json:"optimizer_steps"`
	Prior     *model.Prior `json:"prior,omitempty"`
}

// metadataKey holds the header.
const metadataKey = "training"

// The suffixes of a checkpoint's files: one that is being written, one that is
// whole but not yet in its place, and the one before.
const (
	temporarySuffix = ".tmp"
	nextSuffix      = ".next"
	previousSuffix  = ".previous"
)

// saveIfDue saves a checkpoint where steps or time ask for one.
func (t *Trainer) saveIfDue() error {
	s := t.options.Checkpoint
	steps := s.Steps > 0 && t.state.Step%s.Steps == 0
	if !steps && (s.Every == 0 || time.Since(t.saved) < s.Every) {
		return nil
	}
	return t.save()
}

// save writes the run to its checkpoint, if it has one, and keeps the one before.
// At every moment, after a power cut too, one of the files is whole and holds what
// was saved last: the new one is written beside the others, the old one makes
// place, and the new one takes it. Each rename is on disk before the next begins,
// so that they cannot change their order there.
func (t *Trainer) save() error {
	path := t.options.Checkpoint.Path
	if path == "" {
		return nil
	}
	t.saved = time.Now()
	text, err := json.Marshal(header{
		Version: checkpointVersion, State: t.state, Options: t.options, Labels: t.network.Labels,
		Rows: t.dataset.Len(), Optimizer: t.optimizer.Steps(), Prior: t.prior,
	})
	if err != nil {
		return fmt.Errorf("checkpoint %s: %w", path, err)
	}
	content := func(w io.Writer) error {
		return safetensors.Write(w, map[string]string{metadataKey: string(text)}, t.entries())
	}
	if err := atomicfile.WriteVia(t.files, path+temporarySuffix, path+nextSuffix, content); err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	if err := atomicfile.Move(t.files, path, path+previousSuffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("checkpoint: %w", err)
	}
	if err := atomicfile.Move(t.files, path+nextSuffix, path); err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	return nil
}

// entries lists every tensor of a run.
func (t *Trainer) entries() []safetensors.Entry {
	var entries []safetensors.Entry
	add := func(name string, values []float32) {
		entries = append(entries, safetensors.Entry{Name: name, Tensor: tensor.Must(tensor.Of(tensor.Shape{len(values)}, values))})
	}
	t.eachTensor(add)
	return entries
}

// eachTensor calls visit with every tensor that a checkpoint holds, in a fixed
// order.
func (t *Trainer) eachTensor(visit func(name string, values []float32)) {
	for i, p := range t.stepper.Parameters {
		visit("value/"+p.Name, p.Value)
		state := t.optimizer.State(t.stepper.Parameters, i)
		for _, name := range t.optimizer.Names() {
			visit(name+"/"+p.Name, state[name])
		}
		if t.average != nil {
			visit("average/"+p.Name, t.average.Values[i])
		}
	}
	for _, s := range t.stepper.Statistics {
		visit("statistic/"+s.Name, s.Value)
	}
	names := t.names()
	for i, values := range t.best {
		visit("best/"+names[i], values)
	}
}

// ErrNoCheckpoint says that there is none to go on from.
var ErrNoCheckpoint = errors.New("there is no checkpoint")

// OpenCheckpoint reads a checkpoint: of the files that a run leaves at path the
// last one that is whole. It fails with [ErrNoCheckpoint] where there is none.
//
// The names say which is the last, not the number of steps: a run that was started
// anew has made fewer than one before it, whose file may still be there.
func OpenCheckpoint(path string) (*Checkpoint, error) {
	var damaged error
	for _, suffix := range []string{nextSuffix, "", previousSuffix} {
		c, err := readCheckpoint(path + suffix)
		if err == nil {
			return c, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			damaged = errors.Join(damaged, err)
		}
	}
	if damaged != nil {
		return nil, damaged
	}
	return nil, fmt.Errorf("%s: %w", path, ErrNoCheckpoint)
}

func readCheckpoint(path string) (*Checkpoint, error) {
	f, err := safetensors.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var h header
	if err := json.Unmarshal([]byte(f.Metadata()[metadataKey]), &h); err != nil {
		return nil, fmt.Errorf("%s: not a checkpoint of training: %w", path, err)
	}
	if h.Version != checkpointVersion {
		return nil, fmt.Errorf("%s: a checkpoint of version %d, this program reads %d", path, h.Version, checkpointVersion)
	}
	c := &Checkpoint{State: h.State, Options: h.Options, Labels: h.Labels, Rows: h.Rows, prior: h.Prior, steps: h.Optimizer, tensors: map[string][]float32{}}
	for _, name := range f.Names() {
		value, _ := f.Tensor(name)
		if value.DType != tensor.Float32 {
			return nil, fmt.Errorf("%s: tensor %q is %v", path, name, value.Type)
		}
		c.tensors[name] = append([]float32(nil), tensor.Elements[float32](value)...)
	}
	return c, nil
}

// restore brings a run to where the checkpoint was made.
func (t *Trainer) restore(c *Checkpoint) error {
	o := t.options
	o.Threads, o.MemoryLimit, o.Workers, o.Checkpoint = 0, 0, 0, Saves{}
	if !reflect.DeepEqual(o, c.Options) {
		return errors.New("the checkpoint was made with other settings: use the same ones, or start anew")
	}
	if !reflect.DeepEqual(t.network.Labels, c.Labels) || t.dataset.Len() != c.Rows {
		return fmt.Errorf("the checkpoint was made with other data: %d rows of %d classes, now %d of %d", c.Rows, len(c.Labels), t.dataset.Len(), len(t.network.Labels))
	}
	t.state = c.State
	t.optimizer.SetSteps(c.steps)
	if c.State.BestEpoch >= 0 {
		for _, values := range t.current() {
			t.best = append(t.best, make([]float32, len(values)))
		}
	}
	var missing error
	t.eachTensor(func(name string, values []float32) {
		if stored := c.tensors[name]; len(stored) == len(values) {
			copy(values, stored)
		} else if missing == nil {
			missing = fmt.Errorf("the checkpoint was made of another network: %q has %d values there, %d here", name, len(stored), len(values))
		}
	})
	return missing
}

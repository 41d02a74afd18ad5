package backendtest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"megl-edge/runtime"
	"megl-edge/runtime/onnx"
	"megl-edge/runtime/onnx/proto"
	"megl-edge/runtime/tensor"
)

// Outcome of a test.
type Outcome string

// The outcomes.
const (
	Passed  Outcome = "pass"
	Failed  Outcome = "FAIL"
	Skipped Outcome = "skip"
)

// Result of one test folder.
type Result struct {
	Folder  string
	Outcome Outcome
	Detail  string // the first difference, or why it was skipped
}

// largest is the largest file that is read, in bytes.
const largest = 1 << 30

// Run imports and runs the model of a folder on all its data sets and compares
// the results. A model that uses what the importer does not support is skipped;
// whatever else goes wrong is a failure.
func Run(folder string, threads int) Result {
	sets, err := dataSets(folder)
	for _, set := range sets {
		if err = runSet(folder, filepath.Join(folder, set), threads); err != nil {
			err = fmt.Errorf("%s: %w", set, err)
			break
		}
	}
	var unsupported *onnx.UnsupportedError
	switch {
	case errors.As(err, &unsupported):
		return Result{folder, Skipped, unsupported.Error()}
	case err != nil:
		return Result{folder, Failed, err.Error()}
	}
	return Result{folder, Passed, ""}
}

// dataSets returns the names of the folders with inputs and outputs, in
// alphabetical order.
func dataSets(folder string) ([]string, error) {
	entries, err := os.ReadDir(folder)
	var sets []string
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), "test_data_set_") {
			sets = append(sets, e.Name())
		}
	}
	if err == nil && len(sets) == 0 {
		err = errors.New("has no test_data_set_N folder")
	}
	return sets, err
}

func runSet(folder, set string, threads int) error {
	data, err := readFile(filepath.Join(folder, modelFile))
	if err != nil {
		return err
	}
	m, err := proto.Parse(data)
	if err != nil {
		return fmt.Errorf("%s: %w", modelFile, err)
	}
	inputs, err := readInputs(m, set)
	if err != nil {
		return err
	}
	network, err := onnx.Import(data, onnx.Options{Values: inputs})
	if err != nil {
		return fmt.Errorf("%s: %w", modelFile, err)
	}
	outputs, err := execute(network, inputs, threads)
	if err != nil {
		return err
	}
	if extra := filepath.Join(set, outputFile(len(outputs))); exists(extra) {
		return fmt.Errorf("%s is there, but the model has %d outputs", filepath.Base(extra), len(outputs))
	}
	for i, got := range outputs {
		want, err := readTensor(filepath.Join(set, outputFile(i)))
		if err != nil {
			return err
		}
		if err := compare(got, want); err != nil {
			return fmt.Errorf("output %q: %w", network.Outputs[i].Name, err)
		}
	}
	return nil
}

func outputFile(i int) string { return fmt.Sprintf("output_%d.pb", i) }

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// readInputs reads the values of all inputs that have no default in the file.
func readInputs(m *proto.Model, set string) (map[string]tensor.Tensor, error) {
	defaults := map[string]bool{}
	for i := range m.Graph.Initializers {
		defaults[m.Graph.Initializers[i].Name] = true
	}
	values := map[string]tensor.Tensor{}
	for _, in := range m.Graph.Inputs {
		if defaults[in.Name] {
			continue
		}
		if in.Type.Kind != proto.KindTensor {
			return nil, &onnx.UnsupportedError{What: fmt.Sprintf("an input that is a %s", in.Type.Kind)}
		}
		value, err := readTensor(filepath.Join(set, fmt.Sprintf("input_%d.pb", len(values))))
		if err != nil {
			return nil, err
		}
		values[in.Name] = value
	}
	return values, nil
}

func readTensor(path string) (tensor.Tensor, error) {
	data, err := readFile(path)
	if err != nil {
		return tensor.Tensor{}, err
	}
	value, err := onnx.ParseTensor(data)
	if err != nil {
		err = fmt.Errorf("%s: %w", filepath.Base(path), err)
	}
	return value, err
}

func readFile(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > largest {
		return nil, fmt.Errorf("%s: is no file of at most %d MB", path, largest>>20)
	}
	return os.ReadFile(path)
}

// execute runs a network on the given inputs.
func execute(network *onnx.Network, inputs map[string]tensor.Tensor, threads int) ([]tensor.Tensor, error) {
	plan, err := runtime.Compile(network.Graph, runtime.Options{})
	if err != nil {
		return nil, err
	}
	session := plan.NewSession(threads)
	defer session.Close()
	for _, port := range network.Inputs {
		to, err := session.Input(port.Node)
		if err != nil {
			return nil, err
		}
		copy(to.Data, inputs[port.Name].Data)
	}
	session.Run()
	outputs := make([]tensor.Tensor, len(network.Outputs))
	for i, port := range network.Outputs {
		if outputs[i], err = session.Output(port.Node); err != nil {
			return nil, err
		}
	}
	return outputs, nil
}

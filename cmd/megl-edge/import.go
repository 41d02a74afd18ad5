package main

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"megl-edge/gradcam"
	"megl-edge/runtime"
	"megl-edge/runtime/graph"
	"megl-edge/runtime/model"
	"megl-edge/runtime/onnx"
	"megl-edge/runtime/tflite"
	"megl-edge/runtime/vision"
)

type importCommand struct {
	Input             string    `arg:"" name:"file" help:"TFLite or ONNX file."`
	Output            string    `short:"o" required:"" placeholder:"FILE" help:"Model file to write (.megl)."`
	Labels            string    `placeholder:"FILE" help:"Text file with the name of one class a line; without it the labels inside the imported file."`
	TargetLayer       string    `placeholder:"NAME" help:"Layer to draw heat maps of; without it the last one that keeps positions."`
	Mean              []float32 `sep:"," placeholder:"N,…" help:"For float models: what is subtracted from pixels of 0 to 255, one number or one for each channel (without it: what the file says; else 127.5 for TFLite and ImageNet's mean for ONNX)."`
	Std               []float32 `sep:"," placeholder:"N,…" help:"For float models: what they are then divided by (without it: as for --mean)."`
	Fit               string    `default:"crop" enum:"crop,stretch" help:"How photos get the model's shape: crop (keep theirs, cut the middle out) or stretch."`
	Crop              float64   `default:"0" placeholder:"FRACTION" help:"Part of a photo's shorter side (with stretch: of both sides) that the model sees, above 0 and at most 1; without it 0.875 for ImageNet models, else 1."`
	Filter            string    `default:"bilinear" enum:"bilinear,bicubic" help:"How photos are resized: bilinear or bicubic."`
	AllowExternalData string    `placeholder:"DIR" help:"For ONNX: the folder that tensors outside the file may be read from; no other is."`
	JSON              bool      `name:"json" help:"Print one JSON object."`
}

func (*importCommand) example() string {
	return "megl-edge import mobilenet.tflite -o mobilenet.megl --labels labels.txt"
}

type importResult struct {
	schema
	File        string            `json:"file"`
	Output      string            `json:"output"`
	Classes     int               `json:"classes"`
	TargetLayer string            `json:"target_layer"`
	Preprocess  vision.Preprocess `json:"preprocess"`
	Notes       []string          `json:"notes"`
}

// maxImport is the largest file that import reads.
const maxImport = 1 << 30

func (c *importCommand) Run(std streams) error {
	data, err := readInput(c.Input, maxImport)
	if err != nil {
		return badInput(err)
	}
	m, notes, err := c.build(data)
	if err != nil {
		return badInput(fmt.Errorf("%s: %w", c.Input, err))
	}
	if err := m.Save(c.Output); err != nil {
		return err
	}
	result := importResult{schemaOf("import"), c.Input, c.Output, m.Classes(), m.TargetLayer, m.Preprocess, notes}
	if c.JSON {
		return writeJSON(std.out, result)
	}
	return printImport(std.out, result)
}

// network is what both importers give.
type network struct {
	graph         *graph.Graph
	labels        []string
	width, height int
	mean, std     [3]float32
	assumed       bool               // mean and std are not in the file
	preprocess    *vision.Preprocess // of a model that was exported by this program
	target        string             // likewise
	notes         []string
}

// read imports the file by its format: a TFLite file says so in its first bytes,
// anything else is taken for ONNX.
func (c *importCommand) read(data []byte) (network, error) {
	if bytes.HasPrefix(data[min(4, len(data)):], []byte("TFL")) || strings.EqualFold(filepath.Ext(c.Input), ".tflite") {
		m, err := tflite.Import(data, tflite.Options{Mean: c.Mean, Std: c.Std})
		if err != nil {
			return network{}, err
		}
		return network{
			graph: m.Graph, labels: m.Labels, width: m.Width, height: m.Height, mean: m.Mean, std: m.Std,
			assumed: m.NormalizationSource == tflite.Assumed,
		}, nil
	}
	m, err := onnx.ImportImage(data, onnx.ImageOptions{Mean: c.Mean, Std: c.Std, ExternalData: c.AllowExternalData})
	if err != nil {
		return network{}, err
	}
	in := network{
		graph: m.Graph, labels: m.Labels, width: m.Width, height: m.Height, mean: m.Mean, std: m.Std,
		assumed: m.Source == onnx.Assumed, preprocess: m.Preprocess, target: m.TargetLayer,
	}
	if len(m.Ignored) > 0 {
		in.notes = append(in.notes, "outputs that are no class scores are left out: "+strings.Join(m.Ignored, ", "))
	}
	return in, nil
}

// build makes a model of the bytes of a file, and notes on what a user should
// know of it.
func (c *importCommand) build(data []byte) (*model.Model, []string, error) {
	in, err := c.read(data)
	if err != nil {
		return nil, nil, err
	}
	notes := append([]string{}, in.notes...)
	explained, target, err := c.explained(in)
	if err != nil && c.TargetLayer == "" {
		notes = append(notes, "the model can classify but not explain: "+err.Error())
		explained, err = gradcam.AttachScores(in.graph)
	}
	if err != nil {
		return nil, nil, err
	}
	m := &model.Model{Graph: explained, TargetLayer: target, Provenance: provenance(c.Input, data)}
	var labelNote string
	if m.Labels, labelNote, err = c.labels(in.labels, m.Classes()); err != nil {
		return nil, nil, err
	}
	if in.assumed {
		m.Provenance.Note = fmt.Sprintf("pixels are normalised with mean %v and deviation %v, which the file does not state", in.mean, in.std)
		notes = append(notes, m.Provenance.Note+": give --mean and --std if it was trained otherwise")
	}
	if labelNote != "" {
		notes = append(notes, labelNote)
	}
	if m.Preprocess, err = c.preprocess(in, m.Classes()); err != nil {
		return nil, nil, err
	}
	if err := m.Check(); err != nil {
		return nil, nil, err
	}
	// A model that this program cannot run is refused now, not on the device.
	_, err = runtime.Compile(m.Graph, runtime.Options{})
	return m, notes, err
}

// explained attaches the heat map: of the layer asked for, of the one that an
// exported model of ours had, or of the one that is found.
func (c *importCommand) explained(in network) (*graph.Graph, string, error) {
	if _, kept := in.graph.Find(in.target); c.TargetLayer == "" && in.target != "" && kept {
		if g, target, err := gradcam.Attach(in.graph, in.target); err == nil {
			return g, target, nil
		}
	}
	return gradcam.Attach(in.graph, c.TargetLayer)
}

// preprocess says how photos become the model's input: what was asked for, what
// an exported model of ours says, what ImageNet models are evaluated with, or
// all that fits.
func (c *importCommand) preprocess(in network, classes int) (vision.Preprocess, error) {
	p := vision.Preprocess{Width: in.width, Height: in.height, Filter: vision.Filter(c.Filter), Mean: in.mean, Std: in.std}
	crop := c.Crop
	switch {
	case crop < 0 || crop > 1:
		return p, fmt.Errorf("--crop %v: give a number above 0 and at most 1", crop)
	case in.preprocess != nil && crop == 0 && in.preprocess.Width == in.width && in.preprocess.Height == in.height:
		p = *in.preprocess
		p.Mean, p.Std = in.mean, in.std
		return p, p.Check()
	case crop == 0 && (classes == 1000 || classes == 1001):
		crop = 0.875
	case crop == 0:
		crop = 1
	}
	if c.Fit == "stretch" {
		p.Mode, p.Crop = vision.CropStretch, crop
		return p, nil
	}
	p.Mode, p.Shorter = vision.ShorterSide, int(float64(max(in.width, in.height))/crop+0.5)
	return p, p.Check()
}

// labels returns the class names from --labels, from the imported file, or made
// up, with a note where they are.
func (c *importCommand) labels(own []string, classes int) (labels []string, note string, err error) {
	if c.Labels != "" {
		if labels, err = readLabels(c.Labels); err != nil {
			return nil, "", err
		}
		if len(labels) != classes {
			return nil, "", fmt.Errorf("%s has %d labels, the model has %d classes", c.Labels, len(labels), classes)
		}
		return labels, "", nil
	}
	if len(own) == classes {
		return own, "", nil
	}
	for i := range classes {
		labels = append(labels, fmt.Sprintf("class %d", i))
	}
	return labels, "the file has no labels: classes are called by number; name them with --labels FILE", nil
}

// readLabels reads one label a line; empty lines at the end do not count.
func readLabels(path string) ([]string, error) {
	const maxLabels = 16 << 20
	data, err := readInput(path, maxLabels)
	if err != nil {
		return nil, err
	}
	var labels []string
	lines := bufio.NewScanner(bytes.NewReader(bytes.TrimRight(data, "\r\n\t ")))
	for lines.Scan() {
		labels = append(labels, strings.TrimSpace(lines.Text()))
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return labels, nil
}

// readInput reads a file that must not be larger than limit.
func readInput(path string, limit int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	switch {
	case err != nil:
		return nil, err
	case info.IsDir():
		return nil, fmt.Errorf("%s: is a directory; want a file", path)
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s: is not a regular file", path)
	case info.Size() > limit:
		return nil, fmt.Errorf("%s: has %d MB, at most %d MB can be read", path, info.Size()>>20, limit>>20)
	}
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, err
	}
	if len(data) == 0 {
		return nil, fmt.Errorf("%s: is empty", path)
	}
	return data, nil
}

func provenance(path string, data []byte) model.Provenance {
	sum := sha256.Sum256(data)
	return model.Provenance{Source: filepath.Base(path), SourceSHA256: hex.EncodeToString(sum[:]), Tool: "megl-edge " + version()}
}

func printImport(w io.Writer, r importResult) error {
	p := r.Preprocess
	lines := []string{
		fmt.Sprintf("%s: %d classes, photos of %d×%d", r.Output, r.Classes, p.Width, p.Height),
	}
	if r.TargetLayer != "" {
		lines = append(lines, "heat maps of layer "+r.TargetLayer)
	}
	for _, note := range r.Notes {
		lines = append(lines, "note: "+note)
	}
	_, err := fmt.Fprintln(w, strings.Join(lines, "\n"))
	return err
}

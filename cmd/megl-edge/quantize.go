package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/alecthomas/kong"

	"megl-edge/quant"
	"megl-edge/quant/calibration"
	"megl-edge/quant/html"
	"megl-edge/runtime/atomicfile"
	"megl-edge/runtime/model"
	"megl-edge/runtime/tensor"
	"megl-edge/runtime/vision"
	"megl-edge/sdtg"
	"megl-edge/train/data"
)

type quantizeCommand struct {
	File      string   `arg:"" name:"model" help:"Float model file (.megl)."`
	Output    string   `short:"o" required:"" placeholder:"FILE" help:"Int8 model file to write."`
	Calibrate string   `required:"" placeholder:"PATH" help:"Photos that show what the model will see: a folder, a folder for each class, a JSONL or COCO file, or a Pascal VOC folder."`
	Samples   int      `default:"64" help:"How many of them to calibrate on; as many others are used to compare the models."`
	Seed      uint64   `default:"1" help:"Which photos are taken; the same seed takes the same."`
	Method    string   `default:"percentile" enum:"minmax,percentile,mse,entropy" help:"How ranges are chosen: minmax, percentile, mse or entropy."`
	Bits      int      `name:"weight-bits" default:"8" enum:"7,8" help:"Precision of the weights: with 7 bits processors that have AVX2 but not VNNI run a fifth faster."`
	KeepFloat []string `sep:"," placeholder:"LAYER,…" help:"Layers to leave float32, by the names that inspect shows."`
	Auto      bool     `help:"Leave the fewest layers float32 that reach the --agreement."`
	Agreement float64  `default:"0.99" help:"With --auto: the share of photos on which the int8 model must give the float model's class."`
	Report    string   `placeholder:"FILE" help:"Write a report: .json, or .html with bars and maps side by side."`
	JSON      bool     `name:"json" help:"Print one JSON object."`
}

func (*quantizeCommand) example() string {
	return "megl-edge quantize resnet.megl -o resnet-int8.megl --calibrate photos/ --report report.html"
}

type quantizeResult struct {
	schema
	File      string   `json:"file"`
	Output    string   `json:"output"`
	KeptFloat []string `json:"kept_float"`
	Notes     []string `json:"notes"`
	*quant.Report
}

func (c *quantizeCommand) Run(ctx context.Context, std streams, k *kong.Context) error {
	if err := c.check(); err != nil {
		return badInput(err)
	}
	m, err := loadModel(c.File)
	if err != nil {
		return badInput(err)
	}
	defer m.Close()
	calibrate, compare, err := c.choosePhotos()
	if err != nil {
		return badInput(err)
	}
	calibrated, err := quant.Calibrate(m, photosOf(ctx, std, m, calibrate), calibration.Method(c.Method))
	var ofPhoto photoError
	switch {
	case errors.As(err, &ofPhoto):
		return badInput(ofPhoto.error)
	case err != nil:
		return badInput(fmt.Errorf("%s: %w", c.File, err))
	}
	calibrated.WeightBits = c.Bits
	held, err := heldPhotos(ctx, std, m, compare)
	if err != nil {
		return badInput(err)
	}
	q, report, err := c.quantize(std, calibrated, held)
	if err == nil {
		err = int8Decoder(q)
	}
	if err != nil {
		return badInput(fmt.Errorf("%s: %w", c.File, err))
	}
	if err := c.noteStep(k, q); err != nil {
		return badInput(err)
	}
	return c.write(std, m, q, report, calibrated)
}

// noteStep adds this command to the provenance.
func (c *quantizeCommand) noteStep(k *kong.Context, q *model.Model) error {
	rows, err := data.Load(c.Calibrate, nil)
	if err != nil {
		return err
	}
	step, err := stepOf(k, c.File, rows, c.Seed)
	q.Provenance.Steps = append(q.Provenance.Steps, step)
	return err
}

func (c *quantizeCommand) check() error {
	switch ext := strings.ToLower(filepath.Ext(c.Report)); {
	case c.Samples < 1 || c.Samples > 1<<20:
		return fmt.Errorf("--samples %d: give a number from 1 to %d", c.Samples, 1<<20)
	case !(c.Agreement > 0 && c.Agreement <= 1):
		return fmt.Errorf("--agreement %v: give a number above 0 and at most 1", c.Agreement)
	case c.Report != "" && ext != ".json" && ext != ".html":
		return fmt.Errorf("--report %s: the name must end in .json or .html", c.Report)
	}
	return nil
}

// choosePhotos takes the photos to calibrate on, and others to compare on: where
// there are no others, the same ones.
func (c *quantizeCommand) choosePhotos() (calibrate, compare []string, err error) {
	source, err := data.Open(c.Calibrate)
	if err != nil {
		return nil, nil, err
	}
	rows, err := data.Sample(source.Rows(), 2*c.Samples, c.Seed)
	if err != nil {
		return nil, nil, err
	}
	if len(rows) == 0 {
		return nil, nil, fmt.Errorf("%s: holds no photos to calibrate on", c.Calibrate)
	}
	for i, row := range rows {
		if i%2 == 0 || len(rows) < 2 {
			calibrate = append(calibrate, row.Image)
		} else {
			compare = append(compare, row.Image)
		}
	}
	if len(compare) == 0 {
		compare = calibrate
	}
	return calibrate, compare, nil
}

// photoError is about a photo, not about the model.
type photoError struct{ error }

// photosOf decodes photos to the model's input, one after the other. A file that
// cannot be read ends the work: calibration data should be what one thinks.
func photosOf(ctx context.Context, std streams, m *model.Model, paths []string) quant.Photos {
	return func(yield func(tensor.Tensor, error) bool) {
		progress := newProgress(std.err, len(paths))
		defer progress.clear()
		lit := false
		for i, path := range paths {
			progress.show(i, path)
			photo, err := inputOf(ctx, m, path)
			lit = lit || err == nil && hasContent(photo)
			if err == nil && i == len(paths)-1 && !lit {
				err = fmt.Errorf("%s and all other calibration photos are of one colour: ranges chosen on them would fit nothing", path)
			}
			if err != nil {
				err = photoError{err}
			}
			if !yield(photo, err) || err != nil {
				return
			}
		}
	}
}

// hasContent tells whether the pixels of a photo differ at all.
func hasContent(photo tensor.Tensor) bool {
	for i := 3; i < len(photo.Data); i++ {
		if photo.Data[i] != photo.Data[i%3] {
			return true
		}
	}
	return false
}

func inputOf(ctx context.Context, m *model.Model, path string) (tensor.Tensor, error) {
	if ctx.Err() != nil {
		return tensor.Tensor{}, errors.New("interrupted")
	}
	photo, err := vision.DecodeFile(path, vision.DefaultLimits)
	if err != nil {
		return tensor.Tensor{}, err
	}
	pixels, err := m.Preprocess.Apply(photo)
	if err != nil {
		return tensor.Tensor{}, fmt.Errorf("%s: %w", path, err)
	}
	return tensor.Of(tensor.Shape{1, m.Preprocess.Height, m.Preprocess.Width, 3}, pixels.Pix)
}

// mostHeld is how many photos are compared at most: they stay in memory.
const mostHeld = 256

func heldPhotos(ctx context.Context, std streams, m *model.Model, paths []string) ([]quant.Photo, error) {
	progress := newProgress(std.err, len(paths))
	defer progress.clear()
	var held []quant.Photo
	for i, path := range paths[:min(mostHeld, len(paths))] {
		progress.show(i, path)
		input, err := inputOf(ctx, m, path)
		if err != nil {
			return nil, err
		}
		held = append(held, quant.Photo{Name: filepath.Base(path), Input: input})
	}
	return held, nil
}

// quantize makes the int8 model and the report on it; with --auto it keeps
// layers float until the models agree.
func (c *quantizeCommand) quantize(std streams, calibrated *quant.Calibration, held []quant.Photo) (*model.Model, *quant.Report, error) {
	progress := newProgress(std.err, len(calibrated.Layers()))
	defer progress.clear()
	show := func(done, all int) { progress.show(done-1, "layers compared") }
	if c.Auto {
		return calibrated.Auto(held, c.Agreement, c.KeepFloat, show)
	}
	q, err := calibrated.Quantize(c.KeepFloat...)
	if err != nil {
		return nil, nil, err
	}
	report, err := calibrated.Compare(q, held, c.KeepFloat, show)
	return q, report, err
}

// write saves the model and the report, and prints what came out.
func (c *quantizeCommand) write(std streams, m, q *model.Model, report *quant.Report, calibrated *quant.Calibration) error {
	q.Provenance.Tool = "megl-edge " + version()
	q.Provenance.Note = strings.TrimPrefix(q.Provenance.Note+"; ", "; ") +
		fmt.Sprintf("int8 by %s on %d photos, seed %d", c.Method, calibrated.Photos, c.Seed)
	report.Model, report.Method = filepath.Base(c.File), c.Method
	if err := q.Save(c.Output); err != nil {
		return err
	}
	report.BytesBefore, report.BytesAfter = fileSize(c.File), fileSize(c.Output)
	if c.Report != "" {
		if err := atomicfile.Write(c.Report, c.reportWriter(report)); err != nil {
			return err
		}
	}
	r := quantizeResult{schemaOf("quantize"), c.File, c.Output, []string{}, []string{}, report}
	for _, l := range report.Layers {
		if l.Float {
			r.KeptFloat = append(r.KeptFloat, l.Name)
		}
	}
	for _, name := range calibrated.Constant {
		r.Notes = append(r.Notes, fmt.Sprintf("activation %s was 0 on all calibration photos", name))
	}
	if c.JSON {
		return writeJSON(std.out, r)
	}
	return printQuantization(std.out, r)
}

// int8Decoder rounds the matrices that a model speaks with, if it does.
func int8Decoder(m *model.Model) error {
	described, err := sdtg.Describe(m)
	if errors.Is(err, sdtg.ErrSilent) {
		return nil
	}
	if err != nil {
		return err
	}
	const bits = 8
	own := *m.Decoder // the float model keeps its
	m.Decoder = &own
	own.Weights = described.Int8(own.Weights, func(matrix []float32, rows int) ([]float32, []int8) {
		return calibration.PerChannel(matrix, rows, bits)
	})
	return nil
}

func (c *quantizeCommand) reportWriter(report *quant.Report) func(io.Writer) error {
	return func(w io.Writer) error {
		if strings.EqualFold(filepath.Ext(c.Report), ".html") {
			return html.Write(w, report)
		}
		return writeJSON(w, report)
	}
}

func fileSize(path string) int {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return int(info.Size())
}

func printQuantization(w io.Writer, r quantizeResult) error {
	lines := []string{
		fmt.Sprintf("%s: %.1f MB (from %.1f), %.2f ms a photo (from %.2f, %d threads)", r.Output,
			megabytes(r.BytesAfter), megabytes(r.BytesBefore), r.MillisecondsAfter, r.MillisecondsBefore, r.Threads),
		fmt.Sprintf("agrees with the float model on %.1f %% of %d photos, logits cosine %.4f", 100*r.Agreement, r.Photos, r.LogitsCosine),
	}
	if r.HasMaps {
		lines = append(lines, fmt.Sprintf("heat maps: rank correlation %.3f, overlap %.2f (median)", r.MapCorrelation, r.MapIoU))
	}
	lines = append(lines, "layers that cost most, each rounded alone:")
	const most = 5
	for _, l := range r.Layers[:min(most, len(r.Layers))] {
		state := ""
		if l.Float {
			state = ", kept float"
		}
		lines = append(lines, fmt.Sprintf("  %-40s %5.1f %% of classes, logits ±%.1f %%, %s%s", shortened(l.Name), 100*l.Loss, 100*l.LogitsError, decibelText(l.SignalToNoise), state))
	}
	for _, note := range r.Notes {
		lines = append(lines, "note: "+note)
	}
	lines = append(lines, r.Advice)
	_, err := fmt.Fprintln(w, strings.Join(lines, "\n"))
	return err
}

func decibelText(db float64) string {
	if db >= 200 {
		return "exact"
	}
	return fmt.Sprintf("%.1f dB", db)
}

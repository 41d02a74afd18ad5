package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"megl-edge/gradcam"
	"megl-edge/runtime/model"
	"megl-edge/train"
	"megl-edge/train/confidence"
	"megl-edge/train/data"
	"megl-edge/train/evaluate"
	"megl-edge/train/loss"
)

type trainCommand struct {
	Model  string `short:"m" default:"built-in" env:"MEGL_MODEL" placeholder:"FILE" help:"Model file (.megl) to start from, float or int8; built-in is the one that the program carries. Also taken from the environment variable MEGL_MODEL."`
	Data   string `required:"" placeholder:"PATH" help:"Photos to learn from: a JSONL or COCO file, a Pascal VOC folder, or a folder for each class."`
	Val    string `placeholder:"PATH" help:"Photos to measure with after each epoch; the best epoch's weights are kept."`
	Output string `short:"o" required:"" placeholder:"FILE" help:"Model file to write; its checkpoint lies beside it, with the suffix .checkpoint."`

	Epochs int     `default:"10" help:"How often each photo is seen."`
	Batch  int     `default:"16" help:"Photos in a step."`
	Parts  int     `default:"1" help:"Compute a step in so many parts, which takes less memory."`
	Size   int     `default:"0" placeholder:"PIXELS" help:"Height and width of the photos; 0 keeps the model's."`
	Freeze string  `default:"none" placeholder:"none|backbone|K" help:"What stays as it is: none, backbone (all but the last layer), or all but the last K blocks."`
	Norm   string  `name:"batch-norm" default:"frozen" enum:"frozen,trained" help:"Batch normalisations: frozen, as part of the weights, or trained, with the statistics of each batch."`
	Rate   float32 `default:"0.0005" help:"Learning rate, after warm-up; it falls to 0 along a cosine."`
	Head   float32 `name:"head-rate" default:"5" help:"Factor on the learning rate for the last layer."`
	Decay  float32 `default:"0.02" help:"Weight decay."`
	Warmup float64 `default:"0.5" help:"Epochs of growing learning rate."`
	Clip   float64 `default:"5" help:"Greatest norm of a step's gradients; 0 for no limit."`

	Optimizer string  `default:"adamw" enum:"adamw,sgd" help:"adamw or sgd."`
	Average   float32 `default:"0" help:"Decay of a moving average of the weights, which is what is kept; 0 for none."`
	Smoothing float32 `default:"0.1" help:"Label smoothing."`
	Balance   bool    `help:"Let all classes count alike, however many photos they have."`
	Augment   bool    `default:"true" negatable:"" help:"Show each photo cut, mirrored and coloured at random."`
	PerClass  int     `default:"0" placeholder:"N" help:"Use N photos of each class, chosen by --seed."`

	Visual      string  `default:"l1" enum:"l1,haics,res-g,res-l,gradia" help:"How heat maps are compared with masks: l1, haics, res-g, res-l or gradia."`
	Lambda      float32 `name:"lambda-visual" default:"0" help:"Weight of the heat maps in the loss; 0 leaves them out."`
	Consistency bool    `help:"Hold the maps of photos without mask to where objects lie on average (VEDC)."`
	Textual     float32 `name:"lambda-textual" default:"0" help:"Weight of the sentences of the photos in the loss: through the heat maps they teach where to look; 0 leaves them out."`
	Words       int     `name:"vocabulary" default:"1000" placeholder:"TOKENS" help:"With --lambda-textual, for a model without a decoder: tokens that are learned from the sentences."`
	PriorClass  bool    `name:"prior-per-class" help:"With --consistency: for each class by itself, where it has 5 masks."`
	Gradient    string  `name:"saliency-gradient" default:"exact" enum:"exact,constant-weights" help:"Whether the gradient of a map passes through the weights of its channels: exact or constant-weights."`
	Blind       bool    `name:"blind-decoder" help:"Let sentences see nothing but the class: a baseline for what others see."`
	Through     string  `name:"textual-gradient" default:"map" enum:"map,all" help:"How sentences reach the classifier: through the map alone, or through the features that the decoder sees, too (all)."`
	Keep        bool    `name:"keep-classes" help:"Keep the classes of the model, also those that the photos do not show; photos of others teach no class."`
	MaskShare   float64 `default:"1" help:"Use the masks of this share of the photos, chosen by --seed."`
	Target      string  `placeholder:"LAYER" help:"Layer that heat maps are drawn from; the model's own by default."`

	Seed     uint64        `default:"1" help:"Of all that is random: the same seed gives the same model, on every machine."`
	Patience int           `default:"0" placeholder:"N" help:"Stop after N epochs without a better validation; 0 never does."`
	Resume   bool          `help:"Go on from the checkpoint of an interrupted run, if there is one."`
	Save     time.Duration `name:"checkpoint" default:"5m" help:"How often a checkpoint is saved."`
	SaveStep int           `name:"checkpoint-steps" default:"0" help:"Also after so many steps; 0 only by time."`
	Strict   bool          `help:"Stop at a photo, mask or label that cannot be used, and at a loss that is no number, instead of skipping it."`
	Log      string        `placeholder:"FILE" help:"Write a JSON line for each step."`
	Threads  int           `default:"0" help:"Threads to compute with; 0 means one for each processor."`
	JSON     bool          `name:"json" help:"Print one JSON object at the end."`
}

func (*trainCommand) example() string {
	return "megl-edge train --model mobilenet.megl --data train.jsonl --val val.jsonl -o pets.megl --lambda-visual 1 --consistency"
}

// checkpointSuffix is added to the name of the model that is to be.
const checkpointSuffix = ".checkpoint"

type trainResult struct {
	schema
	Output string           `json:"output"`
	Epochs int              `json:"epochs"`
	Steps  int              `json:"steps"`
	Best   int              `json:"best_epoch"` // −1 without validation
	Final  *evaluate.Scores `json:"scores,omitempty"`
	State  train.State      `json:"state"`
}

func (c *trainCommand) Run(ctx context.Context, std streams, k *kong.Context) error {
	if err := c.check(); err != nil {
		return badInput(err)
	}
	m, err := loadModel(c.Model)
	if err != nil {
		return badInput(err)
	}
	rows, val, err := c.load(m.Labels)
	if err != nil {
		return badInput(errors.Join(err, m.Close()))
	}
	origin := m.Provenance
	step, err := stepOf(k, c.Model, rows, c.Seed)
	if err != nil {
		return badInput(errors.Join(err, m.Close()))
	}
	origin.Steps = append(origin.Steps, step)
	n, err := c.prepare(std, m, rows)
	// The network has its own weights: the file's need no memory any more.
	if err := errors.Join(err, m.Close()); err != nil {
		return badInput(err)
	}
	if err := n.Freeze(c.Freeze); err != nil {
		return badInput(fmt.Errorf("--freeze: %w", err))
	}
	from, err := c.checkpoint()
	if err != nil {
		return badInput(err)
	}
	t, err := train.NewTrainer(ctx, n, rows, c.options(), from)
	if err != nil {
		return badInput(err)
	}
	defer t.Close()
	return c.fit(ctx, std, t, origin, rows, val)
}

// prepare makes the model trainable, by sentences too if they count.
func (c *trainCommand) prepare(std streams, m *model.Model, rows *data.Dataset) (*train.Network, error) {
	settings := train.Settings{Labels: rows.Labels(), Side: c.Size, Target: c.Target, TrainBatchNorm: c.Norm == "trained", Seed: c.Seed}
	if c.Textual > 0 {
		var err error
		if settings.Vocabulary, err = train.LearnVocabulary(rows, c.Words); err != nil {
			return nil, fmt.Errorf("%s: --lambda-textual: %w", c.Data, err)
		}
		settings.Phrases, settings.Blind = train.LearnPhrases(rows), c.Blind
	}
	n, err := train.Prepare(m, settings)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.Model, err)
	}
	if c.Textual > 0 {
		if long, all := n.LongSentences(rows); long > 0 {
			fmt.Fprintf(std.err, "%d of %s are longer than %d tokens, and are cut; a larger --vocabulary shortens them\n", long, counted(all, "sentence"), n.SentenceLength())
		}
	}
	return n, nil
}

func (c *trainCommand) check() error {
	switch {
	case c.Threads < 0 || c.Threads > maxThreads:
		return fmt.Errorf("--threads %d: give a number from 1 to %d, or 0 for one a processor", c.Threads, maxThreads)
	case c.PerClass < 0:
		return fmt.Errorf("--per-class %d: give a number of photos, or 0 for all", c.PerClass)
	case !(c.Textual >= 0):
		return fmt.Errorf("--lambda-textual %v: give a number from 0 on", c.Textual)
	case c.Consistency && c.Lambda == 0:
		return errors.New("--consistency: it counts with --lambda-visual, which is 0")
	}
	return c.checkOutput()
}

// checkOutput fails where the model could not be written in the end.
func (c *trainCommand) checkOutput() error {
	folder := filepath.Dir(c.Output)
	if info, err := os.Stat(folder); err != nil || !info.IsDir() {
		return cmp.Or(err, fmt.Errorf("%s: not a folder", folder))
	}
	if info, err := os.Stat(c.Output); err == nil && info.IsDir() {
		return fmt.Errorf("%s: is a folder; name the file to write", c.Output)
	}
	probe, err := os.CreateTemp(folder, ".megl-edge-*")
	if err != nil {
		return fmt.Errorf("--output %s: nothing can be written there: %w", c.Output, err)
	}
	return errors.Join(probe.Close(), os.Remove(probe.Name()))
}

// load reads the rows to learn from and those to measure with, which have the same
// classes. labels are the classes of the model.
func (c *trainCommand) load(labels []string) (rows, val *data.Dataset, err error) {
	if !c.Keep {
		labels = nil
	}
	if rows, err = data.Load(c.Data, labels); err != nil {
		return nil, nil, err
	}
	if len(rows.Labels()) < 2 {
		return nil, nil, fmt.Errorf("%s: holds %s; a model needs at least 2 classes", c.Data, counted(len(rows.Labels()), "label"))
	}
	if c.PerClass > 0 {
		rows = train.PerClass(rows, c.PerClass, c.Seed)
	}
	if c.Val != "" {
		val, err = data.Load(c.Val, rows.Labels())
	}
	return rows, val, err
}

// checkpoint returns what to go on from.
func (c *trainCommand) checkpoint() (*train.Checkpoint, error) {
	if !c.Resume {
		return nil, nil
	}
	from, err := train.OpenCheckpoint(c.Output + checkpointSuffix)
	if errors.Is(err, train.ErrNoCheckpoint) {
		return nil, nil
	}
	return from, err
}

func (c *trainCommand) options() train.Options {
	o := train.DefaultOptions()
	o.Epochs, o.Batch, o.Parts = c.Epochs, c.Batch, c.Parts
	o.Optimizer, o.Rate, o.HeadRate, o.Decay, o.Warmup, o.Clip, o.Average = c.Optimizer, c.Rate, c.Head, c.Decay, c.Warmup, c.Clip, c.Average
	o.Smoothing, o.ClassWeights = c.Smoothing, c.Balance
	o.Losses = loss.Losses{Visual: loss.Visual(c.Visual), LambdaVisual: c.Lambda, Consistency: c.Consistency, LambdaTextual: c.Textual}
	o.PriorPerClass, o.ConstantWeights, o.MaskShare = c.PriorClass, c.Gradient == "constant-weights", c.MaskShare
	o.ThroughFeatures = c.Through == "all"
	o.Seed, o.Patience, o.Strict, o.Threads = c.Seed, c.Patience, c.Strict, c.Threads
	if !c.Augment {
		o.Augment = nil
	}
	o.Checkpoint = train.Saves{Path: c.Output + checkpointSuffix, Steps: c.SaveStep, Every: c.Save}
	return o
}

// fit trains, and writes the model.
func (c *trainCommand) fit(ctx context.Context, std streams, t *train.Trainer, from model.Provenance, rows, val *data.Dataset) error {
	report, err := newTrainReport(std.err, c.Log, c.Resume)
	if err != nil {
		return badInput(err)
	}
	hooks := train.Hooks{Step: report.step, Warn: warnings(std.err)}
	if val != nil {
		hooks.Validate = func(m *model.Model) (float64, error) { return report.validate(ctx, m, val, c) }
	}
	err = errors.Join(t.Run(ctx, hooks), report.close())
	if errors.Is(err, context.Canceled) {
		return fmt.Errorf("stopped after %s; --resume goes on from there", counted(t.State().Step, "step"))
	}
	if err != nil {
		return err
	}
	fitted, err := t.Model()
	if err != nil {
		return err
	}
	fitted.Provenance = from
	fitted.Provenance.Tool = "megl-edge " + version()
	fitted.Provenance.Note = strings.TrimPrefix(fitted.Provenance.Note+"; ", "; ") +
		fmt.Sprintf("trained on %s, %s, seed %d", filepath.Base(c.Data), counted(t.State().Step, "step"), c.Seed)
	var scores *evaluate.Scores
	if val != nil {
		if fitted.Confidence, err = confidence.Fit(ctx, fitted, rows, val, c.Threads); errors.Is(err, confidence.ErrNoLabels) {
			err = nil // masks alone say nothing of probabilities
		}
	}
	if val != nil && err == nil {
		if scores, err = evaluate.Run(ctx, fitted, val, evaluate.Options{Threads: c.Threads, Seed: c.Seed, Quick: true}); err == nil {
			fitted.Metrics = scores.Metrics()
		}
	}
	// Where the validation was interrupted, the weights are still of use.
	if err := errors.Join(err, fitted.Save(c.Output)); err != nil {
		return err
	}
	return c.print(std, t.State(), len(fitted.Labels), scores)
}

func (c *trainCommand) print(std streams, state train.State, classes int, scores *evaluate.Scores) error {
	r := trainResult{schema: schemaOf("train"), Output: c.Output, Epochs: c.Epochs, Steps: state.Step, Best: state.BestEpoch, Final: scores, State: state}
	if c.JSON {
		return writeJSON(std.out, r)
	}
	fmt.Fprintf(std.out, "%s: %d classes, %s", c.Output, classes, counted(state.Step, "step"))
	if scores == nil {
		_, err := fmt.Fprintln(std.out)
		return err
	}
	fmt.Fprintf(std.out, ", weights of epoch %d; on %s:\n", state.BestEpoch+1, c.Val)
	return printScores(std.out, r.Final)
}

// trainReport shows how training goes: a line that is rewritten on a terminal, a
// line for each epoch elsewhere, and a log.
type trainReport struct {
	out      io.Writer
	terminal bool
	log      *os.File // nil without
	started  time.Time
	photos   int
	first    int // steps made before
	sum      train.Terms
	steps    int
	scores   *evaluate.Scores
	err      error // of writing the log
}

func newTrainReport(out io.Writer, log string, again bool) (*trainReport, error) {
	r := &trainReport{out: out, started: time.Now()}
	if f, ok := out.(*os.File); ok {
		r.terminal = isTerminal(f)
	}
	if log == "" {
		return r, nil
	}
	mode := os.O_CREATE | os.O_WRONLY | os.O_TRUNC
	if again {
		mode = os.O_CREATE | os.O_WRONLY | os.O_APPEND
	}
	var err error
	r.log, err = os.OpenFile(log, mode, 0o644)
	return r, err
}

func (r *trainReport) close() error {
	if r.log == nil {
		return r.err
	}
	return errors.Join(r.err, r.log.Close())
}

// logLine is one line of the log.
type logLine struct {
	Step        int              `json:"step"`
	Epoch       uint64           `json:"epoch"`
	Loss        float32          `json:"loss"`
	Prediction  float32          `json:"prediction"`
	Visual      float32          `json:"visual"`
	Consistency float32          `json:"consistency"`
	Textual     float32          `json:"textual"`
	Rate        float32          `json:"rate"`
	Norm        float64          `json:"gradient_norm"`
	Scores      *evaluate.Scores `json:"validation,omitempty"`
}

func (r *trainReport) step(p train.Progress) {
	if r.photos == 0 {
		r.first = p.Step - 1
	}
	r.photos += p.Photos
	r.steps++
	r.sum.Total += p.Terms.Total
	r.sum.Prediction += p.Terms.Prediction
	r.sum.Visual += p.Terms.Visual
	r.sum.Consistency += p.Terms.Consistency
	r.sum.Textual += p.Terms.Textual
	r.write(p)
	if !r.terminal && !p.EpochDone {
		return
	}
	elapsed := time.Since(r.started)
	left := time.Duration(float64(elapsed) / float64(p.Step-r.first) * float64(p.Steps-p.Step)).Round(time.Second)
	n := float32(r.steps)
	line := fmt.Sprintf("epoch %d, step %d/%d: loss %.3f", p.Cursor.Epoch+1, p.Step, p.Steps, r.sum.Total/n)
	if r.sum.Visual != 0 || r.sum.Consistency != 0 || r.sum.Textual != 0 {
		line += fmt.Sprintf(" (class %.3f, map %.3f, prior %.3f, text %.3f)", r.sum.Prediction/n, r.sum.Visual/n, r.sum.Consistency/n, r.sum.Textual/n)
	}
	line += fmt.Sprintf(", %.1f photos/s, %v left", float64(r.photos)/elapsed.Seconds(), left)
	if p.EpochDone {
		if p.Validated && r.scores.Accuracy != nil {
			line += fmt.Sprintf("; validation: accuracy %.3f", r.scores.Accuracy.Value)
		}
		if p.Validated && r.scores.MeanIoU != nil {
			line += fmt.Sprintf(", mean IoU %.3f", r.scores.MeanIoU.Value)
		}
		r.sum, r.steps = train.Terms{}, 0
	}
	if r.terminal {
		line = "\r\x1b[K" + line
	}
	if !r.terminal || p.EpochDone {
		line += "\n"
	}
	fmt.Fprint(r.out, line)
}

func (r *trainReport) write(p train.Progress) {
	if r.log == nil {
		return
	}
	line := logLine{Step: p.Step, Epoch: p.Cursor.Epoch, Loss: p.Terms.Total, Prediction: p.Terms.Prediction,
		Visual: p.Terms.Visual, Consistency: p.Terms.Consistency, Textual: p.Terms.Textual, Rate: p.Rate, Norm: p.Norm}
	if p.Validated {
		line.Scores = r.scores
	}
	if err := json.NewEncoder(r.log).Encode(line); err != nil && r.err == nil {
		r.err = err
	}
}

// validate scores the weights of an epoch: by accuracy, and where there is none by
// the overlap of maps and masks.
func (r *trainReport) validate(ctx context.Context, m *model.Model, val *data.Dataset, c *trainCommand) (float64, error) {
	scores, err := evaluate.Run(ctx, m, val, evaluate.Options{Threads: c.Threads, Seed: c.Seed, Quick: true})
	if errors.Is(err, gradcam.ErrNotFinite) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("%s: %w", c.Val, err)
	}
	r.scores = scores
	for _, s := range []*evaluate.Score{scores.Accuracy, scores.MeanIoU} {
		if s != nil {
			return s.Value, nil
		}
	}
	return 0, fmt.Errorf("%s: no photo has a label of the model or a mask", c.Val)
}

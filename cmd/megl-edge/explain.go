package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"megl-edge/gradcam"
	"megl-edge/gradcam/render"
	"megl-edge/runtime/atomicfile"
	"megl-edge/runtime/model"
	"megl-edge/runtime/vision"
)

type explainCommand struct {
	modelFlag
	logFlag
	sourceFlags
	Output  string  `short:"o" placeholder:"PATH" help:"Where to write the overlay: a PNG file, or for several photos a folder. Without it NAME.explained.png in the current folder, and nothing with --json, --stdin, --watch or --camera."`
	Class   string  `placeholder:"NAME" help:"The class to explain; without it the most likely one."`
	Versus  string  `placeholder:"NAME" help:"Another class: show and say what speaks for the explained one rather than for it."`
	Method  string  `default:"gradcam" enum:"gradcam,layercam,gradcam++,eigencam,rollout" help:"How the map is drawn: gradcam, layercam (good on earlier layers too), gradcam++ (several objects of a class), eigencam (whatever stands out, the same for every class) or rollout (what a vision transformer attends to, the same for every class)."`
	Top     int     `default:"5" help:"How many classes to list."`
	Beams   int     `default:"1" help:"How many sentences to weigh at a time, of a model that speaks: more find likelier ones, and take as much longer."`
	Colours string  `default:"dawn" help:"Colour map of the overlay: ${colour_maps}."`
	Opacity float64 `default:"0.5" help:"Share of the colour in the overlay, from 0 to 1."`
	JSON    bool    `name:"json" help:"Print one JSON object for each photo, with the map's values."`
	Timing  bool    `help:"Add the time, the instruction set and the threads to the JSON."`
}

func (*explainCommand) example() string {
	return "megl-edge explain --model mobilenet.megl photo.jpg -o why.png"
}

type mapJSON struct {
	Height int       `json:"height"`
	Width  int       `json:"width"`
	Values []float32 `json:"values"` // row by row, 0 to 1
}

// regionJSON is a part of the photo, in pixels.
type regionJSON struct {
	X      int `json:"x"`
	Y      int `json:"y"`
	Width  int `json:"width"`
	Height int `json:"height"`
}

func (r regionJSON) rectangle() image.Rectangle {
	return image.Rect(r.X, r.Y, r.X+r.Width, r.Y+r.Height)
}

type explainResult struct {
	schema
	ID        json.RawMessage `json:"id,omitempty"` // of the request, with --stdin
	File      string          `json:"file"`
	Top       []scored        `json:"top"`
	Class     string          `json:"class"`            // that the map explains
	Method    string          `json:"method,omitempty"` // of the map; Grad-CAM where it is missing
	Evidence  bool            `json:"evidence"`
	statement                 // why it is the class; of models that speak
	Unknown   *unknownJSON    `json:"unknown,omitempty"` // of models that were calibrated
	Map       mapJSON         `json:"map"`
	Region    regionJSON      `json:"region"` // that the map covers
	// Versus is the other class of --versus; the map and the sentence then show what
	// speaks for the class rather than for the other one.
	Versus  *versusJSON `json:"versus,omitempty"`
	Overlay string      `json:"overlay,omitempty"`
	Timing  *timing     `json:"timing,omitempty"`
	// Unlogged results have no row in the log that --prediction-log asks for.
	Unlogged bool `json:"unlogged,omitempty"`
}

// versusJSON is what speaks for another class rather than for the explained one.
type versusJSON struct {
	Class       string   `json:"class"`
	Probability float32  `json:"probability"`
	Evidence    bool     `json:"evidence"`
	Map         *mapJSON `json:"map,omitempty"`
	statement            // the sentence sums up the phrases of the other class's own
}

func (c *explainCommand) Run(ctx context.Context, std streams) error {
	source, err := c.source(std)
	if err != nil {
		return err
	}
	if c.Stdin {
		c.JSON = true
	}
	e, err := c.prepare(std)
	if err != nil {
		return err
	}
	return errors.Join(source(ctx, e.explain), e.close())
}

// explaining is the work of an explain command.
type explaining struct {
	*explainCommand
	out     io.Writer
	look    render.Options
	outputs func(name string) string
	model   *opened
	class   int
	against *contrast
	voice   *voice
	account *account
}

// prepare checks what was asked for, and loads all that it needs.
func (c *explainCommand) prepare(std streams) (*explaining, error) {
	x := &explaining{explainCommand: c, out: std.out, voice: &voice{}, account: &account{}}
	var err error
	if x.look, err = c.look(); err != nil {
		return nil, err
	}
	if x.outputs, err = c.outputs(); err != nil {
		return nil, err
	}
	if x.model, err = c.open(std.err, gradcam.Options{Method: c.drawnBy()}); err != nil {
		return nil, err
	}
	if err := x.prepareModel(std); err != nil {
		return nil, errors.Join(err, x.close())
	}
	return x, nil
}

func (x *explaining) prepareModel(std streams) error {
	c, m := x.explainCommand, x.model.Model
	var err error
	if x.class, err = c.class(m.Labels); err != nil {
		return inputError{fmt.Errorf("--class: %w", err)}
	}
	if x.against, err = c.contrast(m, x.class); err != nil {
		return err
	}
	if x.voice, err = openVoice(m, c.method(), c.Threads, c.Beams); err != nil {
		x.voice = &voice{}
		return inputError{fmt.Errorf("%s: %w", x.model.name, err)}
	}
	x.account, err = c.openAccount(x.model, std.err)
	return err
}

func (x *explaining) close() error {
	x.against.close()
	x.voice.close()
	return errors.Join(x.account.close(), x.model.close())
}

// explain does one photo.
func (x *explaining) explain(s shot) error {
	output := x.outputs(s.name)
	start := time.Now()
	explanation, err := x.model.explainer.Explain(s.photo, x.class)
	if err != nil {
		return fmt.Errorf("%s: %w", s.name, err)
	}
	var versus *versusJSON
	if x.against != nil {
		if explanation, versus, err = x.against.compare(s.photo, explanation, x.voice); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
	}
	result := x.result(s.name, explanation, x.model.Model)
	result.ID, result.Versus = s.id, versus
	if result.statement, err = x.voice.say(explanation); err != nil {
		return fmt.Errorf("%s: %w", s.name, err)
	}
	if x.Timing {
		result.Timing = timingSince(start, x.model.explainer.Threads())
	}
	if output != "" {
		if err := writeOverlay(output, s.photo, explanation, x.look, result.regions()); err != nil {
			return err
		}
		result.Overlay = output
	}
	x.model.good()
	result.Unlogged = x.account.note(s, result.Class, explanation.Probabilities[explanation.Class], explanation.Map.Values, result.Sentence)
	if x.JSON {
		return writeJSON(x.out, result)
	}
	return printExplanation(x.out, result, x.method())
}

func (c *explainCommand) method() gradcam.Method { return gradcam.Method(c.Method) }

// drawnBy returns the method for an explainer: models are made with Grad-CAM.
func (c *explainCommand) drawnBy() gradcam.Method {
	if c.method() == gradcam.GradCAM {
		return ""
	}
	return c.method()
}

// class returns the class to explain.
func (c *explainCommand) class(labels []string) (int, error) {
	switch {
	case c.Class == "":
		return gradcam.Automatic, nil
	case !c.method().OfClass():
		return 0, fmt.Errorf("the map of --method %s is the same for every class: leave one of them out", c.Method)
	}
	return findClass(labels, c.Class)
}

// look checks how the overlay is to be drawn.
func (c *explainCommand) look() (render.Options, error) {
	if err := checkTop(c.Top); err != nil {
		return render.Options{}, err
	}
	const mostBeams = 32
	if c.Beams < 1 || c.Beams > mostBeams {
		return render.Options{}, inputError{fmt.Errorf("--beams %d: give a number from 1 to %d", c.Beams, mostBeams)}
	}
	colours, err := render.ParseColourMap(c.Colours)
	if err != nil {
		return render.Options{}, inputError{fmt.Errorf("--colours: %w", err)}
	}
	if !(c.Opacity >= 0 && c.Opacity <= 1) {
		return render.Options{}, inputError{fmt.Errorf("--opacity %v: give a number from 0 to 1", c.Opacity)}
	}
	return render.Options{ColourMap: colours, Opacity: c.Opacity}, nil
}

// outputs returns where the overlay of a photo goes; "" for nowhere.
func (c *explainCommand) outputs() (func(name string) string, error) {
	if c.Output == "" && (c.JSON || c.streams()) {
		return func(string) string { return "" }, nil
	}
	folder, err := c.outputFolder()
	if err != nil {
		return nil, err
	}
	if folder == "" {
		return func(string) string { return c.Output }, nil
	}
	of := func(name string) string {
		return filepath.Join(folder, strings.TrimSuffix(filepath.Base(name), filepath.Ext(name))+".explained.png")
	}
	taken := map[string]string{}
	for _, photo := range c.Photos {
		output := of(photo)
		if other, twice := taken[output]; twice && other != photo {
			return nil, inputError{fmt.Errorf("the overlays of %s and %s would both be %s: explain them in two runs", other, photo, output)}
		}
		taken[output] = photo
	}
	return of, nil
}

// outputFolder returns the folder for overlays that get a name of their own, or
// "" where --output names the file.
func (c *explainCommand) outputFolder() (string, error) {
	if c.Output == "" {
		return ".", nil
	}
	info, err := os.Stat(c.Output)
	switch {
	case err == nil && info.IsDir():
		return c.Output, nil
	case len(c.Photos) > 1 || c.streams():
		return "", inputError{fmt.Errorf("--output %s: for several photos it must be a folder that exists", c.Output)}
	}
	if ext := strings.ToLower(filepath.Ext(c.Output)); ext != ".png" {
		return "", inputError{fmt.Errorf("--output %s: the overlay is a PNG picture, name it with .png", c.Output)}
	}
	return "", nil
}

func (c *explainCommand) result(path string, x *gradcam.Explanation, m *model.Model) explainResult {
	r := explainResult{
		schema: schemaOf("explain"), File: path, Top: topOf(x, m, c.Top), Class: m.Labels[x.Class],
		Evidence: x.Evidence(), Unknown: unknownOf(x), Map: mapJSON{x.Map.Height, x.Map.Width, x.Map.Values},
		Region: regionJSON{x.Region.X0, x.Region.Y0, x.Region.X1 - x.Region.X0, x.Region.Y1 - x.Region.Y0},
	}
	if c.method() != gradcam.GradCAM {
		r.Method = c.Method
	}
	return r
}

func writeOverlay(path string, photo *vision.Image, x *gradcam.Explanation, look render.Options, regions []render.Region) error {
	region := image.Rect(x.Region.X0, x.Region.Y0, x.Region.X1, x.Region.Y1)
	picture, err := render.Overlay(render.Photo{Width: photo.Width, Height: photo.Height, Pix: photo.Pix}, x.Map, region, look)
	if err != nil {
		return err
	}
	render.DrawRegions(picture, regions)
	// A photo of 12 megapixels takes five times as long at the usual compression,
	// and gets a fifth smaller.
	encoder := png.Encoder{CompressionLevel: png.BestSpeed}
	return atomicfile.Write(path, func(w io.Writer) error { return encoder.Encode(w, picture) })
}

func printExplanation(w io.Writer, r explainResult, method gradcam.Method) error {
	if err := printTop(w, r.File, r.Top, r.Unknown); err != nil {
		return err
	}
	empty, where := fmt.Sprintf("nothing in the photo speaks for %q", r.Class), fmt.Sprintf("where it looked for %q", r.Class)
	if !method.OfClass() {
		empty, where = "nothing in the photo stands out", "where it looked, whatever the class"
	}
	if !r.Evidence {
		if _, err := fmt.Fprintf(w, "  %s: the map is empty\n", empty); err != nil {
			return err
		}
	}
	if r.Sentence != "" {
		if _, err := fmt.Fprintf(w, "  %s\n", r.numbered()); err != nil {
			return err
		}
	}
	if r.Versus != nil {
		if _, err := fmt.Fprintf(w, "  %s\n", r.Versus.Sentence); err != nil {
			return err
		}
		if r.Versus.Map != nil {
			where = fmt.Sprintf("what speaks for %q rather than for %q", r.Class, r.Versus.Class)
		}
	}
	if r.Overlay == "" {
		return nil
	}
	_, err := fmt.Fprintf(w, "  %s: %s\n", where, r.Overlay)
	return err
}

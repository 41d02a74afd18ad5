package main

import (
	"context"
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
	Photos  []string `arg:"" name:"photo" help:"Photos: JPEG, PNG, GIF, WebP or BMP."`
	Output  string   `short:"o" placeholder:"PATH" help:"Where to write the overlay: a PNG file, or for several photos a folder. Without it NAME.explained.png in the current folder, and nothing with --json."`
	Class   string   `placeholder:"NAME" help:"The class to explain; without it the most likely one."`
	Versus  string   `placeholder:"NAME" help:"Another class: show and say what speaks for the explained one rather than for it."`
	Method  string   `default:"gradcam" enum:"gradcam,layercam,gradcam++,eigencam,rollout" help:"How the map is drawn: gradcam, layercam (good on earlier layers too), gradcam++ (several objects of a class), eigencam (whatever stands out, the same for every class) or rollout (what a vision transformer attends to, the same for every class)."`
	Top     int      `default:"5" help:"How many classes to list."`
	Beams   int      `default:"1" help:"How many sentences to weigh at a time, of a model that speaks: more find likelier ones, and take as much longer."`
	Colours string   `default:"dawn" help:"Colour map of the overlay: ${colour_maps}."`
	Opacity float64  `default:"0.5" help:"Share of the colour in the overlay, from 0 to 1."`
	JSON    bool     `name:"json" help:"Print one JSON object for each photo, with the map's values."`
	Timing  bool     `help:"Add the time, the instruction set and the threads to the JSON."`
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
	File      string       `json:"file"`
	Top       []scored     `json:"top"`
	Class     string       `json:"class"`            // that the map explains
	Method    string       `json:"method,omitempty"` // of the map; Grad-CAM where it is missing
	Evidence  bool         `json:"evidence"`
	statement              // why it is the class; of models that speak
	Unknown   *unknownJSON `json:"unknown,omitempty"` // of models that were calibrated
	Map       mapJSON      `json:"map"`
	Region    regionJSON   `json:"region"` // that the map covers
	// Versus is the other class of --versus; the map and the sentence then show what
	// speaks for the class rather than for the other one.
	Versus  *versusJSON `json:"versus,omitempty"`
	Overlay string      `json:"overlay,omitempty"`
	Timing  *timing     `json:"timing,omitempty"`
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
	look, err := c.look()
	if err != nil {
		return err
	}
	outputs, err := c.outputs()
	if err != nil {
		return err
	}
	m, e, err := c.explainer()
	if err != nil {
		return err
	}
	defer m.Close()
	defer e.Close()
	class, err := c.class(m.Labels)
	if err != nil {
		return inputError{fmt.Errorf("--class: %w", err)}
	}
	against, err := c.contrast(m, class)
	if err != nil {
		return err
	}
	defer against.close()
	voice, err := openVoice(m, c.method(), c.Threads, c.Beams)
	if err != nil {
		return inputError{fmt.Errorf("%s: %w", c.Model, err)}
	}
	defer voice.close()
	return forEachPhoto(ctx, std, c.Photos, func(path string, photo *vision.Image) error {
		start := time.Now()
		x, err := e.Explain(photo, class)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		var versus *versusJSON
		if against != nil {
			if x, versus, err = against.compare(photo, x, voice); err != nil {
				return fmt.Errorf("%s: %w", path, err)
			}
		}
		result := c.result(path, x, m)
		result.Versus = versus
		if result.statement, err = voice.say(x); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		if c.Timing {
			result.Timing = timingSince(start, e.Threads())
		}
		if output := outputs[path]; output != "" {
			if err := writeOverlay(output, photo, x, look, result.regions()); err != nil {
				return err
			}
			result.Overlay = output
		}
		if c.JSON {
			return writeJSON(std.out, result)
		}
		return printExplanation(std.out, result, c.method())
	})
}

// explainer loads the model and prepares the method asked for. Models are made
// with Grad-CAM.
func (c *explainCommand) explainer() (*model.Model, *gradcam.Explainer, error) {
	m, e, err := c.open(true)
	if err != nil || c.method() == gradcam.GradCAM {
		return m, e, err
	}
	e.Close()
	if e, err = gradcam.NewExplainer(m, gradcam.Options{Threads: c.Threads, LowMemory: c.LowMemory, Method: c.method()}); err != nil {
		m.Close()
		return nil, nil, inputError{fmt.Errorf("%s: %w", c.Model, err)}
	}
	return m, e, nil
}

func (c *explainCommand) method() gradcam.Method { return gradcam.Method(c.Method) }

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

// outputs says for each photo where its overlay goes.
func (c *explainCommand) outputs() (map[string]string, error) {
	outputs := map[string]string{}
	if c.JSON && c.Output == "" {
		return outputs, nil
	}
	folder, err := c.outputFolder()
	if err != nil {
		return nil, err
	}
	taken := map[string]string{}
	for _, photo := range c.Photos {
		output := c.Output
		if folder != "" {
			name := strings.TrimSuffix(filepath.Base(photo), filepath.Ext(photo)) + ".explained.png"
			output = filepath.Join(folder, name)
		}
		if other, twice := taken[output]; twice && other != photo {
			return nil, inputError{fmt.Errorf("the overlays of %s and %s would both be %s: explain them in two runs", other, photo, output)}
		}
		taken[output] = photo
		outputs[photo] = output
	}
	return outputs, nil
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
	case len(c.Photos) > 1:
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

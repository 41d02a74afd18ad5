package main

import (
	"errors"
	"fmt"

	"megl-edge/gradcam"
	"megl-edge/runtime/model"
	"megl-edge/runtime/vision"
)

// contrast compares the explained class with another one; nil where none is asked for.
type contrast struct {
	explainer *gradcam.Explainer
	labels    []string
	rival     int
}

// contrast prepares what --versus asks for.
func (c *explainCommand) contrast(m *model.Model, class int) (*contrast, error) {
	if c.Versus == "" {
		return nil, nil
	}
	if c.method() != gradcam.GradCAM {
		return nil, inputError{errors.New("--versus: classes are compared by --method gradcam only")}
	}
	rival, err := findClass(m.Labels, c.Versus)
	if err != nil {
		return nil, inputError{fmt.Errorf("--versus: %w", err)}
	}
	if class == rival {
		return nil, inputError{fmt.Errorf("--versus: %q is the explained class itself", c.Versus)}
	}
	e, err := gradcam.NewExplainer(m, gradcam.Options{Threads: c.Threads, LowMemory: c.LowMemory, Contrast: true})
	if err != nil {
		return nil, inputError{fmt.Errorf("%s: %w", c.Model, err)}
	}
	return &contrast{e, m.Labels, rival}, nil
}

func (a *contrast) close() {
	if a != nil {
		a.explainer.Close()
	}
}

// compare returns what speaks for the explained class rather than for the other one,
// and the other way round. Where the other class is the most likely one itself there is
// nothing to compare.
func (a *contrast) compare(photo *vision.Image, x *gradcam.Explanation, v *voice) (*gradcam.Explanation, *versusJSON, error) {
	if x.Class == a.rival {
		own := versusJSON{Class: a.labels[a.rival], Probability: x.Probabilities[a.rival], Evidence: x.Evidence()}
		own.Sentence = own.Class + " is the most likely class itself."
		return x, &own, nil
	}
	other, err := a.explainer.Compare(photo, a.rival, x.Class)
	if err != nil {
		return nil, nil, err
	}
	own, err := v.say(other)
	if err != nil {
		return nil, nil, err
	}
	versus := &versusJSON{
		Class: a.labels[a.rival], Probability: other.Probabilities[a.rival], Evidence: other.Evidence(),
		Map:       &mapJSON{other.Map.Height, other.Map.Width, other.Map.Values},
		statement: statement{contrastOf(a.labels[a.rival], other, own), own.Phrases},
	}
	x, err = a.explainer.Compare(photo, x.Class, a.rival)
	return x, versus, err
}

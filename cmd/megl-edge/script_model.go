package main

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"github.com/d5/tengo/v2"

	"megl-edge/gradcam"
)

// scriptModel is a model that a script loaded.
type scriptModel struct {
	tengo.ObjectImpl
	*explaining
	printed bytes.Buffer
}

// TypeName implements [tengo.Object].
func (m *scriptModel) TypeName() string { return "model" }

func (m *scriptModel) String() string { return "model " + m.model.name }

// Copy implements [tengo.Object]: a model is shared.
func (m *scriptModel) Copy() tengo.Object { return m }

// IndexGet implements [tengo.Object]: labels and name.
func (m *scriptModel) IndexGet(index tengo.Object) (tengo.Object, error) {
	key, _ := tengo.ToString(index)
	switch key {
	case "labels":
		return valueOf(m.model.Labels)
	case "name":
		return &tengo.String{Value: m.model.name}, nil
	}
	return nil, fmt.Errorf("a model has no %q: it has labels and name", key)
}

// load opens a model: a path, "built-in", or {store: folder}.
func (s *scriptModules) load(args []tengo.Object) (tengo.Object, error) {
	if len(args) != 1 {
		return nil, errors.New("takes path, or {store: folder}")
	}
	c := &explainCommand{Method: string(gradcam.GradCAM), Top: 5, Beams: 1, Colours: "dawn", Opacity: 0.5, JSON: true}
	c.Model = builtinName
	target := &c.Model
	given := args[0]
	if options, ok := optionsOf(given); ok {
		if given, ok = options["store"]; !ok || len(options) != 1 {
			return nil, errors.New("takes path, or {store: folder}")
		}
		target = &c.Store
	}
	in, err := texts([]tengo.Object{given}, "path")
	if err != nil {
		return nil, err
	}
	if *target = in[0]; in[0] != builtinName {
		if *target, err = s.sandbox.Path(in[0]); err != nil {
			return outcomeOf(nil, err)
		}
	}
	m := &scriptModel{}
	if m.explaining, err = c.prepare(streams{out: &m.printed, err: s.std.err}); err != nil {
		return outcomeOf(nil, err)
	}
	m.out = &m.printed
	s.models = append(s.models, m)
	return m, nil
}

// optionsOf returns the entries of a map.
func optionsOf(o tengo.Object) (map[string]tengo.Object, bool) {
	switch o := o.(type) {
	case *tengo.Map:
		return o.Value, true
	case *tengo.ImmutableMap:
		return o.Value, true
	}
	return nil, false
}

// modelOf returns the first argument, an open model.
func (s *scriptModules) modelOf(args []tengo.Object) (*scriptModel, error) {
	if len(args) > 0 {
		if m, ok := args[0].(*scriptModel); ok {
			if !slices.Contains(s.models, m) {
				return nil, errors.New("the model is closed")
			}
			return m, nil
		}
	}
	return nil, errors.New("takes a model, as megl.load returns it, first")
}

// explain takes a model, a photo, and options: class, the class to explain, and overlay,
// the file to draw.
func (s *scriptModules) explain(args []tengo.Object) (tengo.Object, error) {
	m, err := s.modelOf(args)
	if err != nil {
		return nil, err
	}
	var options map[string]tengo.Object
	if len(args) == 3 {
		var ok bool
		if options, ok = optionsOf(args[2]); !ok {
			return nil, tengo.ErrInvalidArgumentType{Name: "options", Expected: "map", Found: args[2].TypeName()}
		}
		args = args[:2]
	}
	in, err := texts(args[1:], "photo")
	if err != nil {
		return nil, err
	}
	overlay := ""
	m.class = gradcam.Automatic
	for name, value := range options {
		text, err := texts([]tengo.Object{value}, name)
		if err != nil {
			return nil, err
		}
		switch name {
		case "class":
			if m.class, err = findClass(m.model.Labels, text[0]); err != nil {
				return nil, err
			}
		case "overlay":
			if overlay, err = s.sandbox.Path(text[0]); err != nil {
				return outcomeOf(nil, err)
			}
		default:
			return nil, fmt.Errorf("explain has no option %q: it has class and overlay", name)
		}
	}
	taken := shot{}
	if taken.name, err = s.sandbox.Path(in[0]); err != nil {
		return outcomeOf(nil, err)
	}
	if err := taken.decode(); err != nil {
		return outcomeOf(nil, err)
	}
	m.outputs = func(string) string { return overlay }
	m.printed.Reset()
	if err := m.explaining.explain(taken); err != nil {
		return outcomeOf(nil, err)
	}
	return fromJSON(m.printed.Bytes())
}

func (s *scriptModules) closeModel(args []tengo.Object) (tengo.Object, error) {
	m, err := s.modelOf(args)
	if err != nil {
		return nil, err
	}
	s.models = slices.DeleteFunc(s.models, func(other *scriptModel) bool { return other == m })
	return outcomeOf(tengo.UndefinedValue, m.close())
}

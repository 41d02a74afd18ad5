package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/d5/tengo/v2"
	tengojson "github.com/d5/tengo/v2/stdlib/json"

	"megl-edge/cmd/megl-edge/internal/device"
	"megl-edge/cmd/megl-edge/internal/script"
)

// scriptModules are the modules megl, device and files.
type scriptModules struct {
	engine  *script.Engine
	sandbox *script.Sandbox
	std     streams
	models  []*scriptModel // that are open
}

func (s *scriptModules) addTo(e *script.Engine) {
	megl := map[string]tengo.Object{
		"load":       e.Function("load", s.load),
		"explain":    e.Function("explain", s.explain),
		"close":      e.Function("close", s.closeModel),
		"dataset":    e.Function("dataset", s.dataset),
		"write_rows": e.Function("write_rows", s.writeRows),
		"version":    &tengo.String{Value: version()},
	}
	for _, c := range scriptCommands {
		megl[c.name] = e.Function(c.name, func(args []tengo.Object) (tengo.Object, error) { return s.command(c, args) })
	}
	e.Add("megl", megl)
	e.Add("files", map[string]tengo.Object{
		"read":   e.Function("read", s.read),
		"write":  e.Function("write", s.write),
		"append": e.Function("append", s.appendTo),
		"list":   e.Function("list", s.list),
		"exists": e.Function("exists", s.exists),
		"move":   e.Function("move", s.move),
		"join":   e.Function("join", join),
		"name":   e.Function("name", nameOf),
	})
	e.Add("device", deviceModule(e, device.This()))
}

func (s *scriptModules) close() {
	for _, m := range s.models {
		_ = m.close()
	}
}

// texts returns the arguments, which must be so many texts.
func texts(args []tengo.Object, names ...string) ([]string, error) {
	if len(args) != len(names) {
		return nil, fmt.Errorf("takes %s, got %s", strings.Join(names, ", "), counted(len(args), "argument"))
	}
	all := make([]string, len(args))
	for i, a := range args {
		text, ok := a.(*tengo.String)
		if !ok {
			return nil, tengo.ErrInvalidArgumentType{Name: names[i], Expected: "string", Found: a.TypeName()}
		}
		all[i] = text.Value
	}
	return all, nil
}

// outcomeOf gives a script what the outside caused as a value, and ends it where it went
// outside of its folders.
func outcomeOf(result tengo.Object, err error) (tengo.Object, error) {
	var own usage
	if err == nil || errors.As(err, &own) || errors.Is(err, script.ErrOutside) {
		return result, err
	}
	return &tengo.Error{Value: &tengo.String{Value: err.Error()}}, nil
}

// fromJSON makes values of a JSON text.
func fromJSON(text []byte) (tengo.Object, error) { return tengojson.Decode(text) }

func valueOf(v any) (tengo.Object, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return fromJSON(text)
}

// usage is a fault of the script itself.
type usage struct{ error }

func (u usage) Unwrap() error { return u.error }

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/d5/tengo/v2"
	tengojson "github.com/d5/tengo/v2/stdlib/json"

	"megl-edge/cmd/megl-edge/internal/device"
	"megl-edge/cmd/megl-edge/internal/script"
	"megl-edge/runtime/atomicfile"
	"megl-edge/train/data"
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

// rowJSON is a row of a data set as scripts see and write it: the keys are those of JSONL.
type rowJSON struct {
	ID         string   `json:"id,omitempty"`
	Image      string   `json:"image"`
	Label      string   `json:"label,omitempty"`
	Mask       string   `json:"mask,omitempty"`
	Rationales []string `json:"rationales,omitempty"`
	Attributes []string `json:"attributes,omitempty"`
	Source     string   `json:"source,omitempty"`
	Colour     string   `json:"colour,omitempty"`
	Position   string   `json:"position,omitempty"`
}

// dataset returns the rows at a path.
func (s *scriptModules) dataset(args []tengo.Object) (tengo.Object, error) {
	in, err := texts(args, "path")
	if err != nil {
		return nil, err
	}
	path, err := s.sandbox.Path(in[0])
	if err != nil {
		return outcomeOf(nil, err)
	}
	rows, err := data.Load(path, nil)
	if err != nil {
		return outcomeOf(nil, err)
	}
	all := make([]rowJSON, rows.Len())
	for i := range all {
		r := rows.Row(i)
		all[i] = rowJSON{r.ID, r.Image, r.Label, r.Mask, r.Rationales, r.Attributes, r.Source, r.Colour, r.Position}
	}
	return valueOf(all)
}

// rowsInside fails where a data set names a photo or mask outside of the allowed folders.
func (s *scriptModules) rowsInside(path string) error {
	source, err := data.Open(path)
	if err != nil {
		return err
	}
	for row, err := range source.Rows() {
		if err != nil {
			return err
		}
		for _, file := range []string{row.Image, row.Mask} {
			if file == "" {
				continue
			}
			if _, err := s.sandbox.Path(file); err != nil {
				return fmt.Errorf("%s: %w", path, err)
			}
		}
	}
	return nil
}

// writeRows writes rows as JSONL. Photos and masks are named by their absolute paths.
func (s *scriptModules) writeRows(args []tengo.Object) (tengo.Object, error) {
	if len(args) != 2 {
		return nil, errors.New("takes path, rows")
	}
	in, err := texts(args[:1], "path")
	if err != nil {
		return nil, err
	}
	path, err := s.sandbox.Path(in[0])
	if err != nil {
		return outcomeOf(nil, err)
	}
	text, err := tengojson.Encode(args[1])
	if err != nil {
		return nil, err
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	var rows []rowJSON
	if err := decoder.Decode(&rows); err != nil {
		return nil, fmt.Errorf("rows: %w", err)
	}
	var lines bytes.Buffer
	for i, r := range rows {
		if r.Image == "" {
			return nil, fmt.Errorf("rows: row %d has no image", i)
		}
		for _, file := range []*string{&r.Image, &r.Mask} {
			if *file == "" {
				continue
			}
			if *file, err = s.sandbox.Path(*file); err != nil {
				return outcomeOf(nil, err)
			}
		}
		if err := writeJSON(&lines, r); err != nil {
			return nil, err
		}
	}
	return outcomeOf(tengo.TrueValue, writeWhole(path, lines.Bytes()))
}

func writeWhole(path string, content []byte) error {
	return atomicfile.Write(path, func(w io.Writer) error {
		_, err := w.Write(content)
		return err
	})
}

// longestFile is the greatest file that a script reads.
const longestFile = 16 << 20

func (s *scriptModules) read(args []tengo.Object) (tengo.Object, error) {
	path, err := s.one(args)
	if err != nil {
		return outcomeOf(nil, err)
	}
	info, err := os.Stat(path)
	if err == nil && (!info.Mode().IsRegular() || info.Size() > min(longestFile, int64(tengo.MaxStringLen))) {
		err = fmt.Errorf("%s: is no file of at most %d bytes", path, min(longestFile, tengo.MaxStringLen))
	}
	var text []byte
	if err == nil {
		text, err = os.ReadFile(path)
	}
	return outcomeOf(&tengo.String{Value: string(text)}, err)
}

// one returns the path that is the only argument.
func (s *scriptModules) one(args []tengo.Object) (string, error) {
	in, err := texts(args, "path")
	if err != nil {
		return "", usage{err}
	}
	return s.sandbox.Path(in[0])
}

// usage is a fault of the script itself.
type usage struct{ error }

func (u usage) Unwrap() error { return u.error }

func (s *scriptModules) write(args []tengo.Object) (tengo.Object, error) {
	in, err := texts(args, "path", "text")
	if err != nil {
		return nil, err
	}
	path, err := s.sandbox.Path(in[0])
	if err == nil {
		err = writeWhole(path, []byte(in[1]))
	}
	return outcomeOf(tengo.TrueValue, err)
}

func (s *scriptModules) appendTo(args []tengo.Object) (tengo.Object, error) {
	in, err := texts(args, "path", "text")
	if err != nil {
		return nil, err
	}
	path, err := s.sandbox.Path(in[0])
	if err != nil {
		return outcomeOf(nil, err)
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return outcomeOf(nil, err)
	}
	_, err = f.WriteString(in[1])
	return outcomeOf(tengo.TrueValue, errors.Join(err, f.Sync(), f.Close()))
}

// list returns the names in a folder, sorted.
func (s *scriptModules) list(args []tengo.Object) (tengo.Object, error) {
	path, err := s.one(args)
	if err != nil {
		return outcomeOf(nil, err)
	}
	entries, err := os.ReadDir(path)
	names := &tengo.Array{}
	for _, e := range entries {
		names.Value = append(names.Value, &tengo.String{Value: e.Name()})
	}
	return outcomeOf(names, err)
}

func (s *scriptModules) exists(args []tengo.Object) (tengo.Object, error) {
	path, err := s.one(args)
	if err != nil {
		return outcomeOf(nil, err)
	}
	_, err = os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return tengo.FalseValue, nil
	}
	return outcomeOf(tengo.TrueValue, err)
}

func (s *scriptModules) move(args []tengo.Object) (tengo.Object, error) {
	in, err := texts(args, "from", "to")
	if err != nil {
		return nil, err
	}
	for i := range in {
		if in[i], err = s.sandbox.Path(in[i]); err != nil {
			return outcomeOf(nil, err)
		}
	}
	return outcomeOf(tengo.TrueValue, os.Rename(in[0], in[1]))
}

// join makes one path of parts.
func join(args []tengo.Object) (tengo.Object, error) {
	names := make([]string, len(args))
	for i := range names {
		names[i] = "part"
	}
	parts, err := texts(args, names...)
	return &tengo.String{Value: filepath.Join(parts...)}, err
}

// nameOf returns the last part of a path.
func nameOf(args []tengo.Object) (tengo.Object, error) {
	in, err := texts(args, "path")
	if err != nil {
		return nil, err
	}
	return &tengo.String{Value: filepath.Base(in[0])}, nil
}

// deviceModule says how a machine is doing; undefined where it does not say.
func deviceModule(e *script.Engine, m device.Machine) map[string]tengo.Object {
	function := func(name string, of func() (any, bool)) tengo.Object {
		return e.Function(name, func(args []tengo.Object) (tengo.Object, error) {
			if len(args) != 0 {
				return nil, tengo.ErrWrongNumArguments
			}
			v, ok := of()
			if !ok {
				return nil, nil
			}
			return tengo.FromInterface(v)
		})
	}
	return map[string]tengo.Object{
		"temperature": function("temperature", func() (any, bool) { return first(m.Temperature()) }),
		"load":        function("load", func() (any, bool) { return first(m.Load()) }),
		"processors":  function("processors", func() (any, bool) { return m.Processors(), true }),
		"memory": function("memory", func() (any, bool) {
			total, available, ok := m.Memory()
			return map[string]any{"total": total, "available": available}, ok
		}),
		"battery": function("battery", func() (any, bool) {
			percent, discharging, ok := m.Battery()
			return map[string]any{"percent": percent, "discharging": discharging}, ok
		}),
	}
}

func first(v float64, ok bool) (any, bool) { return v, ok }

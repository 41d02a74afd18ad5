package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/d5/tengo/v2"

	"megl-edge/runtime/atomicfile"
)

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

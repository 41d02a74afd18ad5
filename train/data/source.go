package data

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// A Source is a place that rows come from. It holds no open file; it may be used
// by several goroutines, each with an iterator of its own.
type Source struct {
	path string
	// each yields the rows until yield returns false. It returns an error only if
	// yield never did.
	each func(path string, yield func(Row) bool) error
	none string // what to say where there are no rows
}

// A FormatError says that a path is nothing that rows can be read from.
type FormatError struct {
	Path   string
	Reason string
}

func (e *FormatError) Error() string { return e.Path + ": " + e.Reason }

// Open returns the source at path. What kind it is, the names in a folder tell,
// and the first bytes of a file; what else is in it comes out of [Source.Rows], as
// do errors in it. A path of no known kind is a [FormatError].
func Open(path string) (*Source, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, pathFirst(err)
	case info.IsDir():
		return openFolder(path)
	case !info.Mode().IsRegular():
		return nil, &FormatError{path, "is neither a regular file nor a folder; want a JSONL or COCO file, a folder of photos, or a VOC folder"}
	case isVOCSet(path):
		return &Source{path, eachOfVOCSet, "lists no images; want the name of one on each line"}, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, pathFirst(err)
	}
	defer f.Close()
	if startsAsCOCO(f) {
		return &Source{path, eachCOCO, "no images in the COCO file"}, nil
	}
	return &Source{path, eachLine, "no rows in the file; want one JSON object a line"}, nil
}

// openFolder tells the kinds of folders apart.
func openFolder(path string) (*Source, error) {
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, pathFirst(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if slices.Contains(names, vocAnnotations) && slices.Contains(names, vocImages) {
		return &Source{path, eachVOC, "no annotations in the folder " + vocAnnotations}, nil
	}
	for _, c := range []struct{ folder, pattern, kind string }{
		{filepath.Join(path, "annotations"), instancesPrefix + "*.json", "COCO"},
		{path, instancesPrefix + "*.json", "COCO"},
		{path, "*.jsonl", "JSONL"},
	} {
		// The pattern is well formed: there is no error.
		files, _ := filepath.Glob(filepath.Join(escapedPattern(c.folder), c.pattern))
		switch {
		case len(files) > 1:
			return nil, &FormatError{path, fmt.Sprintf("holds several %s files; give one of them: %s", c.kind, strings.Join(files, ", "))}
		case len(files) == 1:
			return Open(files[0])
		}
	}
	return &Source{path, eachPhoto, fmt.Sprintf("no photos in the folder; looked for %v, also one folder down", photoSuffixes)}, nil
}

// escapedPattern returns a pattern that matches path alone.
func escapedPattern(path string) string {
	if filepath.Separator == '\\' {
		return path // there is no way to escape there
	}
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(path)
}

// sniffLength is how much of a file is looked at to tell COCO from JSONL.
const sniffLength = 1 << 16

// startsAsCOCO tells whether the JSON object at the start of r has a list of
// objects that are images, annotations or categories, and no key "image" before it.
func startsAsCOCO(r io.Reader) bool {
	d := json.NewDecoder(io.LimitReader(r, sniffLength))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return false
	}
	for d.More() {
		key, err := d.Token()
		if err != nil || key == "image" {
			return false
		}
		if key == "images" || key == "annotations" || key == "categories" {
			list, err := d.Token()
			if err != nil || list != json.Delim('[') {
				return false
			}
			element, err := d.Token()
			return err == nil && (element == json.Delim('{') || element == json.Delim(']'))
		}
		var value json.RawMessage
		if d.Decode(&value) != nil {
			return false
		}
	}
	return false
}

// Rows returns an iterator over the rows. It may be used again and starts over
// then. It ends at the first error, which comes with an empty row and begins
// with the path and, in a file, the line. A source without rows is an error.
func (s *Source) Rows() iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		some := false
		err := s.each(s.path, func(r Row) bool {
			some = true
			return yield(r, nil)
		})
		if err == nil && !some {
			err = &FormatError{s.path, s.none}
		}
		if err != nil {
			yield(Row{}, err)
		}
	}
}

// pathFirst words an error of package os as the others here: path, then reason.
func pathFirst(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return fmt.Errorf("%s: %w", p.Path, p.Err)
	}
	return err
}

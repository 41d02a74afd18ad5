package data

import (
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
)

// A Source is a place that rows come from. It holds no open file; it may be used
// by several goroutines, each with an iterator of its own.
type Source struct {
	path   string
	folder bool
}

// Open returns the source at path: a JSONL file, a folder of photos, or a folder
// of one folder per class. Nothing but the kind of path is looked at here; what
// is in it comes out of [Source.Rows], as do errors in it.
func Open(path string) (*Source, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, pathFirst(err)
	}
	if !info.IsDir() && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: is neither a regular file nor a folder; want a JSONL file or a folder of photos", path)
	}
	return &Source{path: path, folder: info.IsDir()}, nil
}

// Rows returns an iterator over the rows. It may be used again and starts over
// then. It ends at the first error, which comes with an empty row and begins
// with the path and, in a file, the line. A source without rows is an error.
func (s *Source) Rows() iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		some := false
		err := s.each(func(r Row) bool {
			some = true
			return yield(r, nil)
		})
		if err == nil && !some {
			err = s.empty()
		}
		if err != nil {
			yield(Row{}, err)
		}
	}
}

// each yields the rows until yield returns false. It returns an error only if
// yield never did.
func (s *Source) each(yield func(Row) bool) error {
	if s.folder {
		return eachPhoto(s.path, yield)
	}
	return eachLine(s.path, yield)
}

// pathFirst words an error of package os as the others here: path, then reason.
func pathFirst(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return fmt.Errorf("%s: %w", p.Path, p.Err)
	}
	return err
}

func (s *Source) empty() error {
	if s.folder {
		return fmt.Errorf("%s: no photos in the folder; looked for %v, also one folder down", s.path, photoSuffixes)
	}
	return fmt.Errorf("%s: no rows in the file; want one JSON object a line", s.path)
}

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"megl-edge/kernels/asm"
)

// forEachPhoto decodes one photo after the other and hands it on. A photo that
// cannot be used is reported and left out; the others are still done, and the
// error in the end says how many were not.
func forEachPhoto(ctx context.Context, std streams, paths []string, each func(shot) error) error {
	progress := newProgress(std.err, len(paths))
	defer progress.clear()
	bad := 0
	for i, path := range paths {
		if err := ctx.Err(); err != nil {
			return errors.New("interrupted")
		}
		progress.show(i, path)
		s := shot{name: path}
		if err := s.decode(); err != nil {
			if len(paths) == 1 {
				return badInput(err)
			}
			progress.clear()
			report(std, badInput(err))
			bad++
			continue
		}
		progress.clear()
		if err := each(s); err != nil {
			return err
		}
	}
	if bad > 0 {
		return inputError{fmt.Errorf("%d of %d photos could not be used", bad, len(paths))}
	}
	return nil
}

// progress is a line on a terminal that says how far a command is.
type progress struct {
	out   *os.File // nil where there is no terminal, or nothing worth showing
	total int
}

func newProgress(w any, total int) *progress {
	f, ok := w.(*os.File)
	if !ok || total < 2 || !isTerminal(f) {
		return &progress{}
	}
	return &progress{f, total}
}

func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0 && os.Getenv("TERM") != "dumb"
}

func (p *progress) show(i int, path string) {
	if p.out != nil {
		fmt.Fprintf(p.out, "\r\x1b[K%d/%d %s", i+1, p.total, printable(path))
	}
}

func (p *progress) clear() {
	if p.out != nil {
		fmt.Fprint(p.out, "\r\x1b[K")
	}
}

// printable keeps a file name from steering the terminal.
func printable(path string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return '?'
		}
		return r
	}, path)
}

// timing is what --timing adds to a JSON line.
type timing struct {
	Milliseconds float64 `json:"milliseconds"` // from decoded photo to result
	Level        string  `json:"level"`
	Threads      int     `json:"threads"`
}

func timingSince(start time.Time, threads int) *timing {
	elapsed := time.Since(start)
	level, _ := asm.Current()
	return &timing{float64(elapsed.Microseconds()) / 1000, level.String(), threads}
}

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"megl-edge/runtime/atomicfile"
)

// seenName is where a watched folder's notes lie by default.
const seenName = ".megl-edge-seen"

// photoSuffixes are the names that a watched folder is searched for.
var photoSuffixes = []string{".jpg", ".jpeg", ".png", ".gif", ".webp", ".bmp"}

// sighting is a file as it was when it was explained. A file that changes is a new one.
type sighting struct {
	Name     string    `json:"name"`
	Size     int64     `json:"size"`
	Modified time.Time `json:"modified"`
}

// watch explains the photos of a folder, oldest first, then what comes into it. A file is
// taken when it has stopped changing, and noted once its result is out: a crash in
// between explains it again rather than never.
func (f *sourceFlags) watch(std streams) (shotSource, error) {
	if info, err := os.Stat(f.Watch); err != nil || !info.IsDir() {
		return nil, inputError{fmt.Errorf("--watch %s: is no folder", f.Watch)}
	}
	path := f.Seen
	if path == "" {
		path = filepath.Join(f.Watch, seenName)
	}
	return func(ctx context.Context, each func(shot) error) error {
		log := loggerTo(std.err)
		notes, err := openNotes(path, f.Watch)
		if err != nil {
			return badInput(err)
		}
		defer notes.close()
		if notes.file == nil {
			log.Warn("what is explained is not noted, and will be again after a restart", "reason", notes.trouble.Error())
		}
		each = f.limited(each)
		before := map[string]sighting{}
		for ctx.Err() == nil {
			now, err := sightings(f.Watch)
			if err != nil {
				return badInput(err)
			}
			for _, s := range now {
				if before[s.Name] != s || notes.seen[s.Name] == s || ctx.Err() != nil {
					continue
				}
				taken := shot{name: filepath.Join(f.Watch, s.Name)}
				if err = taken.decode(); err != nil {
					report(std, badInput(err))
				} else if err = each(taken); err != nil && !ended(err) {
					return err
				}
				if noteErr := notes.add(s); noteErr != nil {
					log.Warn("what is explained is not noted, and will be again after a restart", "reason", noteErr.Error())
				}
				if ended(err) {
					return nil
				}
			}
			clear(before)
			for _, s := range now {
				before[s.Name] = s
			}
			pause(ctx, f.Every)
		}
		return nil
	}, nil
}

// sightings lists the photos of a folder, the oldest first.
func sightings(folder string) ([]sighting, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	var all []sighting
	for _, e := range entries {
		hidden := strings.HasPrefix(e.Name(), ".") || strings.HasSuffix(e.Name(), ".explained.png")
		if hidden || !slices.Contains(photoSuffixes, strings.ToLower(filepath.Ext(e.Name()))) {
			continue
		}
		info, err := os.Stat(filepath.Join(folder, e.Name()))
		if errors.Is(err, fs.ErrNotExist) {
			continue // it is gone already
		}
		if err != nil {
			return nil, err
		}
		if info.Mode().IsRegular() {
			all = append(all, sighting{e.Name(), info.Size(), info.ModTime().UTC()})
		}
	}
	slices.SortStableFunc(all, func(a, b sighting) int { return a.Modified.Compare(b.Modified) })
	return all, nil
}

// notes are the files that were explained, in memory and in a file with a JSON line each.
type notes struct {
	seen    map[string]sighting
	file    *os.File // nil where it cannot be written
	trouble error    // why
}

// openNotes reads the notes and writes them anew without the files that are gone.
func openNotes(path, folder string) (*notes, error) {
	n := &notes{seen: map[string]sighting{}}
	if err := n.read(path, folder); err != nil {
		return nil, err
	}
	err := atomicfile.Write(path, func(w io.Writer) error {
		encoder := json.NewEncoder(w)
		for _, s := range n.seen {
			if err := encoder.Encode(s); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		n.file, err = os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	}
	n.trouble = err
	return n, nil
}

func (n *notes) read(path, folder string) error {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for i := 1; lines.Scan(); i++ {
		var s sighting
		if err := json.Unmarshal(lines.Bytes(), &s); err != nil {
			if i == 1 {
				return fmt.Errorf("%s: holds something else than the notes of --watch", path)
			}
			continue // a crash cut it off
		}
		if _, err := os.Lstat(filepath.Join(folder, s.Name)); err == nil {
			n.seen[s.Name] = s
		}
	}
	return lines.Err()
}

// add notes a file.
func (n *notes) add(s sighting) error {
	n.seen[s.Name] = s
	if n.file == nil {
		return nil
	}
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	if _, err := n.file.Write(append(text, '\n')); err != nil {
		return err
	}
	return n.file.Sync()
}

func (n *notes) close() {
	if n.file != nil {
		_ = n.file.Close()
	}
}

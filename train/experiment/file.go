package experiment

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"megl-edge/train/evaluate"
)

// Run is one training and what it reached.
type Run struct {
	Arm    string           `json:"arm"`
	Seed   uint64           `json:"seed"`
	Scores *evaluate.Scores `json:"scores"`
}

// File keeps the runs of an experiment: a line of JSON with its settings, then one
// for each run. A line that was cut off is dropped when the file is opened.
type File struct {
	Runs []Run
	file *os.File
}

// ErrOtherSettings says that a file holds runs that cannot be compared with those
// that are asked for.
var ErrOtherSettings = errors.New("holds an experiment with another model, other data or other settings; give another name")

// OpenFile opens a file of runs with the given settings, or makes one.
func OpenFile(path string, s Settings) (*File, error) {
	header, err := json.Marshal(s)
	if err != nil {
		return nil, err
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, err
	}
	f := &File{file: file}
	if err := f.read(header); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), file.Close())
	}
	return f, nil
}

// read reads the runs, and leaves the file's end behind the last whole one.
func (f *File) read(header []byte) error {
	lines, end := bufio.NewReader(f.file), 0
	for number := 1; ; number++ {
		line, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if number == 1 {
			if !bytes.Equal(bytes.TrimSpace(line), header) {
				return ErrOtherSettings
			}
		} else {
			var r Run
			if err := json.Unmarshal(line, &r); err != nil || r.Scores == nil {
				return fmt.Errorf("line %d holds no run", number)
			}
			f.Runs = append(f.Runs, r)
		}
		end += len(line)
	}
	if end == 0 {
		if info, err := f.file.Stat(); err != nil || info.Size() > 0 {
			return errors.Join(ErrOtherSettings, err)
		}
	}
	if err := f.file.Truncate(int64(end)); err != nil {
		return err
	}
	if _, err := f.file.Seek(int64(end), io.SeekStart); err != nil || end > 0 {
		return err
	}
	return f.write(header)
}

// Append keeps a run, safe from a loss of power when it returns.
func (f *File) Append(r Run) error {
	line, err := json.Marshal(r)
	if err != nil {
		return err
	}
	if err := f.write(line); err != nil {
		return err
	}
	f.Runs = append(f.Runs, r)
	return nil
}

func (f *File) write(line []byte) error {
	_, err := f.file.Write(append(line, '\n'))
	return errors.Join(err, f.file.Sync())
}

// Close closes the file.
func (f *File) Close() error { return f.file.Close() }

package predictionlog

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"megl-edge/runtime/atomicfile"
	"megl-edge/runtime/filelock"
)

// Prediction is what a model said of a photo. Hashes are SHA-256, hexadecimal.
type Prediction struct {
	Time        time.Time `json:"time"` // by the clock of the machine, which may jump; Row is the order
	Photo       string    `json:"photo"`
	PhotoSHA256 string    `json:"photo_sha256"` // of the file
	ModelSHA256 string    `json:"model_sha256"` // likewise
	Label       string    `json:"label"`
	Probability float32   `json:"probability"`
	// MapSHA256 is of the heat map's values: float32, little-endian, row by row.
	MapSHA256 string `json:"map_sha256,omitempty"`
	Sentence  string `json:"sentence,omitempty"`
}

type row struct {
	Row int64 `json:"row"` // from 1
	Prediction
	Before string `json:"before"` // SHA-256 of the row before, without its line end; of nothing for the first
}

// Log is an open log. Several processes may append to one file; a Log is used by one
// goroutine at a time.
type Log struct {
	file *os.File
	// What is known of the file's end; stale where size is not the file's.
	size  int64
	rows  int64
	last  string // hash of the last whole row
	whole bool   // the file ends with a line end, or is empty
}

// Open opens a log, or begins one.
func Open(path string) (*Log, error) {
	_, before := os.Stat(path)
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return nil, err
	}
	if before != nil {
		if err := (atomicfile.System{}).SyncFolder(filepath.Dir(path)); err != nil {
			_ = f.Close()
			return nil, err
		}
	}
	return &Log{file: f, size: -1}, nil
}

// Close closes the file.
func (l *Log) Close() error { return l.file.Close() }

const (
	lockPatience = 5 * time.Second
	lockInterval = time.Millisecond
)

// Append writes a prediction and brings it to disk. When it returns without error,
// neither the end of the process nor of the power loses the row. A row that was torn by
// such an end, and that Append never returned for, stays as half a line.
func (l *Log) Append(p Prediction) error {
	unlock, err := l.lock()
	if err != nil {
		return err
	}
	defer unlock()
	if err := l.findEnd(); err != nil {
		return err
	}
	text, err := json.Marshal(row{l.rows + 1, p, l.last})
	if err != nil {
		return fmt.Errorf("%s: %w", l.file.Name(), err)
	}
	line := append(text, '\n')
	if !l.whole {
		line = append([]byte{'\n'}, line...)
	}
	// One write: a crash leaves a part of it at most at the end.
	n, err := l.file.Write(line)
	if err == nil {
		err = l.file.Sync()
	}
	if err != nil {
		l.size = -1 // look again
		return fmt.Errorf("row %d: %w", l.rows+1, err)
	}
	l.size, l.rows, l.last, l.whole = l.size+int64(n), l.rows+1, hashOf(text), true
	return nil
}

// lock keeps other processes from appending. The lock is of another opening of the same
// file, since closing releases it.
func (l *Log) lock() (func(), error) {
	f, err := os.OpenFile(l.file.Name(), os.O_RDWR|os.O_APPEND, 0)
	if err != nil {
		return nil, err
	}
	for end := time.Now().Add(lockPatience); ; time.Sleep(lockInterval) {
		if err = filelock.TryLock(f); err == nil {
			return func() { _ = f.Close() }, nil
		}
		if !errors.Is(err, filelock.ErrLocked) || time.Now().After(end) {
			_ = f.Close()
			return nil, fmt.Errorf("%s: %w", l.file.Name(), err)
		}
	}
}

// findEnd reads what others appended.
func (l *Log) findEnd() error {
	info, err := l.file.Stat()
	if err != nil {
		return err
	}
	if info.Size() == l.size {
		return nil
	}
	tail, err := l.tail(info.Size())
	if err != nil {
		return fmt.Errorf("%s: %w", l.file.Name(), err)
	}
	l.size, l.rows, l.last, l.whole = info.Size(), 0, "", len(tail) == 0 || tail[len(tail)-1] == '\n'
	lines := bytes.Split(tail, []byte{'\n'})
	// What follows the last line end is torn; before it, so are lines that are no rows.
	for i := len(lines) - 2; i >= 0; i-- {
		if r, err := parse(lines[i]); err == nil {
			l.rows, l.last = r.Row, hashOf(lines[i])
			return nil
		}
	}
	for _, line := range lines {
		if len(line) > 0 && !bytes.HasPrefix(line, []byte(`{"row":1,`)[:min(9, len(line))]) {
			return fmt.Errorf("%s: %w", l.file.Name(), errNoLog)
		}
	}
	return nil
}

var errNoLog = errors.New("holds something else: it is no log of predictions")

// longestRow is more than a row can have: labels, sentences and paths are bounded.
const longestRow = 1 << 20

// tail returns the end of the file, with a whole row in it if there is one.
func (l *Log) tail(size int64) ([]byte, error) {
	for want := int64(4096); ; want *= 8 {
		from := max(0, size-want)
		tail := make([]byte, size-from)
		if _, err := l.file.ReadAt(tail, from); err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
		lines := bytes.Split(tail, []byte{'\n'})
		for _, line := range lines[:len(lines)-1] {
			if _, err := parse(line); err == nil {
				return tail, nil
			}
		}
		if from == 0 {
			return tail, nil
		}
		if want > longestRow {
			return nil, errNoLog
		}
	}
}

func parse(line []byte) (row, error) {
	var r row
	decoder := json.NewDecoder(bytes.NewReader(line))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&r); err != nil {
		return row{}, err
	}
	if r.Row < 1 {
		return row{}, errors.New("has no number")
	}
	return r, nil
}

func hashOf(line []byte) string {
	sum := sha256.Sum256(line)
	return hex.EncodeToString(sum[:])
}

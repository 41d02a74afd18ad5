package train_test

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"megl-edge/runtime/atomicfile"
)

// recorder is a file system that keeps nothing but the calls.
type recorder struct {
	calls []call
	names map[string]int // the file that each path has now
	files int
}

// call is one call of a file system. Files are numbered, so that a call on a file
// that is open is the same whatever its name is by then.
type call struct {
	kind callKind
	file int
	path string // of a create, a remove, and what a rename makes
	from string // of a rename
	data []byte // of a write
}

type callKind string

const (
	createFile callKind = "create"
	writeFile  callKind = "write"
	syncFile   callKind = "sync"
	renameFile callKind = "rename"
	removeFile callKind = "remove"
	syncFolder callKind = "sync folder"
)

func (r *recorder) Create(path string) (atomicfile.File, error) {
	if _, exists := r.names[path]; exists {
		return nil, &fs.PathError{Op: "create", Path: path, Err: fs.ErrExist}
	}
	if r.names == nil {
		r.names = map[string]int{}
	}
	r.files++
	r.names[path] = r.files
	r.calls = append(r.calls, call{kind: createFile, file: r.files, path: path})
	return &recordedFile{r, r.files}, nil
}

func (r *recorder) Rename(from, to string) error {
	file, exists := r.names[from]
	if !exists {
		return &os.LinkError{Op: "rename", Old: from, New: to, Err: fs.ErrNotExist}
	}
	delete(r.names, from)
	r.names[to] = file
	r.calls = append(r.calls, call{kind: renameFile, file: file, from: from, path: to})
	return nil
}

func (r *recorder) Remove(path string) error {
	file, exists := r.names[path]
	if !exists {
		return &fs.PathError{Op: "remove", Path: path, Err: fs.ErrNotExist}
	}
	delete(r.names, path)
	r.calls = append(r.calls, call{kind: removeFile, file: file, path: path})
	return nil
}

func (r *recorder) SyncFolder(string) error {
	r.calls = append(r.calls, call{kind: syncFolder})
	return nil
}

type recordedFile struct {
	recorder *recorder
	file     int
}

// recordedWrite is how many bytes a recorded write has at most.
const recordedWrite = 4000

func (f *recordedFile) Write(data []byte) (int, error) {
	for chunk := range slices.Chunk(data, recordedWrite) {
		f.recorder.calls = append(f.recorder.calls, call{kind: writeFile, file: f.file, data: slices.Clone(chunk)})
	}
	return len(data), nil
}

func (f *recordedFile) Sync() error {
	f.recorder.calls = append(f.recorder.calls, call{kind: syncFile, file: f.file})
	return nil
}

func (f *recordedFile) Close() error { return nil }

// disk is what a power cut may leave of a number of calls: for sure what was
// synced, and of the rest anything.
type disk struct {
	names   map[string]int // as synced
	pending []call         // changes of names since
	content map[int][]byte
	synced  map[int]int // bytes of the content that are on disk for sure
}

func newDisk() *disk {
	return &disk{names: map[string]int{}, content: map[int][]byte{}, synced: map[int]int{}}
}

func (d *disk) apply(c call) {
	switch c.kind {
	case writeFile:
		d.content[c.file] = append(d.content[c.file], c.data...)
	case syncFile:
		d.synced[c.file] = len(d.content[c.file])
	case syncFolder:
		d.names = d.after(1<<len(d.pending) - 1)
		d.pending = nil
	default:
		d.pending = append(d.pending, c)
	}
}

// after returns the names where of the pending changes those in the set of bits
// came to disk.
func (d *disk) after(set int) map[string]int {
	names := maps.Clone(d.names)
	for i, c := range d.pending {
		if set>>i&1 == 0 {
			continue
		}
		switch c.kind {
		case removeFile:
			delete(names, c.path)
		case renameFile:
			if names[c.from] == c.file {
				delete(names, c.from)
			}
			names[c.path] = c.file
		default:
			names[c.path] = c.file
		}
	}
	return names
}

// tails are what may become of bytes that were not synced.
var tails = map[string]func(content []byte, synced int) []byte{
	"lost": func(content []byte, synced int) []byte { return content[:synced] },
	"kept": func(content []byte, _ int) []byte { return content },
	"cut":  func(content []byte, synced int) []byte { return content[:(synced+len(content))/2] },
	"zero": func(content []byte, synced int) []byte {
		return append(slices.Clone(content[:synced]), make([]byte, len(content)-synced)...)
	},
}

// write makes a folder hold what is left of the names, and nothing else.
func (d *disk) write(t *testing.T, folder string, names map[string]int, tail func([]byte, int) []byte) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if err := os.Remove(filepath.Join(folder, e.Name())); err != nil {
			t.Fatal(err)
		}
	}
	for path, file := range names {
		if err := os.WriteFile(filepath.Join(folder, filepath.Base(path)), tail(d.content[file], d.synced[file]), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// faultyFiles is the system's file system, except that call number failing, from
// 0, fails, after half of the bytes where it is a write.
type faultyFiles struct {
	atomicfile.System
	failing int
	err     error
	calls   int
}

// fault counts a call and returns its error.
func (f *faultyFiles) fault() error {
	if f.calls++; f.calls == f.failing+1 {
		return f.err
	}
	return nil
}

func (f *faultyFiles) Create(path string) (atomicfile.File, error) {
	if err := f.fault(); err != nil {
		return nil, &fs.PathError{Op: "open", Path: path, Err: err}
	}
	file, err := f.System.Create(path)
	return &faultyFile{file, f, path}, err
}

func (f *faultyFiles) Rename(from, to string) error {
	if err := f.fault(); err != nil {
		return &os.LinkError{Op: "rename", Old: from, New: to, Err: err}
	}
	return f.System.Rename(from, to)
}

func (f *faultyFiles) SyncFolder(path string) error {
	if err := f.fault(); err != nil {
		return &fs.PathError{Op: "sync", Path: path, Err: err}
	}
	return f.System.SyncFolder(path)
}

type faultyFile struct {
	atomicfile.File
	files *faultyFiles
	path  string
}

func (f *faultyFile) Write(data []byte) (int, error) {
	for done := 0; done < len(data); done += recordedWrite {
		part := data[done:min(done+recordedWrite, len(data))]
		if err := f.files.fault(); err != nil {
			n, _ := f.File.Write(part[:len(part)/2])
			return done + n, &fs.PathError{Op: "write", Path: f.path, Err: err}
		}
		if n, err := f.File.Write(part); err != nil {
			return done + n, err
		}
	}
	return len(data), nil
}

func (f *faultyFile) Sync() error {
	if err := f.files.fault(); err != nil {
		return &fs.PathError{Op: "sync", Path: f.path, Err: err}
	}
	return f.File.Sync()
}

func (f *faultyFile) Close() error {
	err := f.File.Close()
	if fault := f.files.fault(); fault != nil {
		return &fs.PathError{Op: "close", Path: f.path, Err: fault}
	}
	return err
}

// Package disktest is what tests of files that must survive a crash need: a file system
// that records its calls, what a power cut may leave of them, and one whose calls fail.
// A test hands the Recorder to code that writes through [atomicfile.Files], applies the
// calls to a [Disk] one after the other, and looks at every state it can be found in.
// All files lie in one folder.
package disktest

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"megl-edge/runtime/atomicfile"
)

// Recorder is a file system that keeps the calls.
type Recorder struct {
	Calls []Call
	// Into is where the calls are made, too; nil: nowhere.
	Into  atomicfile.Files
	names map[string]int // the file that each path has now
	files int
}

// Call is one call of a file system. Files are numbered, so that a call on a file
// that is open is the same whatever its name is by then.
type Call struct {
	Kind CallKind
	File int
	Path string // of a create, a remove, and what a rename makes
	From string // of a rename
	Data []byte // of a write
}

// CallKind says what a call did.
type CallKind string

// The calls of [atomicfile.Files] and [atomicfile.File].
const (
	CreateFile CallKind = "create"
	WriteFile  CallKind = "write"
	SyncFile   CallKind = "sync"
	RenameFile CallKind = "rename"
	RemoveFile CallKind = "remove"
	SyncFolder CallKind = "sync folder"
)

// Create implements [atomicfile.Files].
func (r *Recorder) Create(path string) (atomicfile.File, error) {
	if _, exists := r.names[path]; exists {
		return nil, &fs.PathError{Op: "create", Path: path, Err: fs.ErrExist}
	}
	if r.names == nil {
		r.names = map[string]int{}
	}
	var into atomicfile.File
	if r.Into != nil {
		var err error
		if into, err = r.Into.Create(path); err != nil {
			return nil, err
		}
	}
	r.files++
	r.names[path] = r.files
	r.Calls = append(r.Calls, Call{Kind: CreateFile, File: r.files, Path: path})
	return &recordedFile{r, r.files, into}, nil
}

// Rename implements [atomicfile.Files].
func (r *Recorder) Rename(from, to string) error {
	file, exists := r.names[from]
	if !exists {
		return &os.LinkError{Op: "rename", Old: from, New: to, Err: fs.ErrNotExist}
	}
	delete(r.names, from)
	r.names[to] = file
	r.Calls = append(r.Calls, Call{Kind: RenameFile, File: file, From: from, Path: to})
	if r.Into != nil {
		return r.Into.Rename(from, to)
	}
	return nil
}

// Remove implements [atomicfile.Files].
func (r *Recorder) Remove(path string) error {
	file, exists := r.names[path]
	if !exists {
		return &fs.PathError{Op: "remove", Path: path, Err: fs.ErrNotExist}
	}
	delete(r.names, path)
	r.Calls = append(r.Calls, Call{Kind: RemoveFile, File: file, Path: path})
	if r.Into != nil {
		return r.Into.Remove(path)
	}
	return nil
}

// SyncFolder implements [atomicfile.Files].
func (r *Recorder) SyncFolder(string) error {
	r.Calls = append(r.Calls, Call{Kind: SyncFolder})
	return nil
}

type recordedFile struct {
	recorder *Recorder
	file     int
	into     atomicfile.File // nil: nowhere
}

// recordedWrite is how many bytes a recorded write has at most.
const recordedWrite = 4000

func (f *recordedFile) Write(data []byte) (int, error) {
	for chunk := range slices.Chunk(data, recordedWrite) {
		f.recorder.Calls = append(f.recorder.Calls, Call{Kind: WriteFile, File: f.file, Data: slices.Clone(chunk)})
	}
	if f.into != nil {
		return f.into.Write(data)
	}
	return len(data), nil
}

func (f *recordedFile) Sync() error {
	f.recorder.Calls = append(f.recorder.Calls, Call{Kind: SyncFile, File: f.file})
	if f.into != nil {
		return f.into.Sync()
	}
	return nil
}

func (f *recordedFile) Close() error {
	if f.into != nil {
		return f.into.Close()
	}
	return nil
}

// Disk is what a power cut may leave of a number of calls: for sure what was
// synced, and of the rest anything.
type Disk struct {
	names   map[string]int // as synced
	pending []Call         // changes of names since
	content map[int][]byte
	synced  map[int]int // bytes of the content that are on disk for sure
}

// NewDisk returns an empty disk.
func NewDisk() *Disk {
	return &Disk{names: map[string]int{}, content: map[int][]byte{}, synced: map[int]int{}}
}

// Apply makes a call.
func (d *Disk) Apply(c Call) {
	switch c.Kind {
	case WriteFile:
		d.content[c.File] = append(d.content[c.File], c.Data...)
	case SyncFile:
		d.synced[c.File] = len(d.content[c.File])
	case SyncFolder:
		d.names = d.After(1<<len(d.pending) - 1)
		d.pending = nil
	default:
		d.pending = append(d.pending, c)
	}
}

// After returns the names where of the pending changes those in the set of bits
// came to disk.
func (d *Disk) After(set int) map[string]int {
	names := maps.Clone(d.names)
	for i, c := range d.pending {
		if set>>i&1 == 0 {
			continue
		}
		switch c.Kind {
		case RemoveFile:
			delete(names, c.Path)
		case RenameFile:
			if names[c.From] == c.File {
				delete(names, c.From)
			}
			names[c.Path] = c.File
		default:
			names[c.Path] = c.File
		}
	}
	return names
}

// Tails are what may become of bytes that were not synced.
var Tails = map[string]func(content []byte, synced int) []byte{
	"lost": func(content []byte, synced int) []byte { return content[:synced] },
	"kept": func(content []byte, _ int) []byte { return content },
	"cut":  func(content []byte, synced int) []byte { return content[:(synced+len(content))/2] },
	"zero": func(content []byte, synced int) []byte {
		return append(slices.Clone(content[:synced]), make([]byte, len(content)-synced)...)
	},
}

// Pending returns how many changes of names may or may not have come to disk.
func (d *Disk) Pending() int { return len(d.pending) }

// Content returns all bytes that were written to a file.
func (d *Disk) Content(file int) []byte { return d.content[file] }

// Write makes a folder hold what is left of the names, and nothing else.
func (d *Disk) Write(t testing.TB, folder string, names map[string]int, tail func([]byte, int) []byte) {
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

// FaultyFiles is the system's file system, except that Call number failing, from
// 0, fails, after half of the bytes where it is a write.
type FaultyFiles struct {
	atomicfile.System
	Failing int
	Err     error
	calls   int
}

// fault counts a Call and returns its error.
func (f *FaultyFiles) fault() error {
	if f.calls++; f.calls == f.Failing+1 {
		return f.Err
	}
	return nil
}

// Create implements [atomicfile.Files].
func (f *FaultyFiles) Create(path string) (atomicfile.File, error) {
	if err := f.fault(); err != nil {
		return nil, &fs.PathError{Op: "open", Path: path, Err: err}
	}
	file, err := f.System.Create(path)
	return &faultyFile{file, f, path}, err
}

// Rename implements [atomicfile.Files].
func (f *FaultyFiles) Rename(from, to string) error {
	if err := f.fault(); err != nil {
		return &os.LinkError{Op: "rename", Old: from, New: to, Err: err}
	}
	return f.System.Rename(from, to)
}

// SyncFolder implements [atomicfile.Files].
func (f *FaultyFiles) SyncFolder(path string) error {
	if err := f.fault(); err != nil {
		return &fs.PathError{Op: "sync", Path: path, Err: err}
	}
	return f.System.SyncFolder(path)
}

type faultyFile struct {
	atomicfile.File
	files *FaultyFiles
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

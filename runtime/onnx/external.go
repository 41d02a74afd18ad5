package onnx

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"megl-edge/runtime/onnx/proto"
)

var errNoExternal = errors.New("its data lie in another file; name the folder that may be read with --allow-external-data DIR")

// externalReader reads tensors out of the files of one folder, and of no other:
// the folder is opened as a root that neither ".." nor a symbolic link leaves.
type externalReader struct {
	root *os.Root
	left int64 // bytes that may still be read
}

// maxExternal bounds what all tensors of a model may take from other files.
const maxExternal = math.MaxInt32

func openExternal(folder string) (*externalReader, error) {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil, fmt.Errorf("folder of external data: %w", err)
	}
	return &externalReader{root: root, left: maxExternal}, nil
}

func (r *externalReader) close() { r.root.Close() }

// read returns the bytes that the entries of a tensor (location, offset,
// length) describe.
func (r *externalReader) read(entries []proto.Entry, bytes int) ([]byte, error) {
	var location string
	offset, length := int64(0), int64(-1)
	for _, e := range entries {
		var err error
		switch e.Key {
		case "location":
			location = e.Value
		case "offset":
			offset, err = strconv.ParseInt(e.Value, 10, 64)
		case "length":
			length, err = strconv.ParseInt(e.Value, 10, 64)
		}
		if err != nil || offset < 0 || length < 0 && e.Key == "length" {
			return nil, fmt.Errorf("external data: %s is %.32q", e.Key, e.Value)
		}
	}
	data, err := r.readAt(location, offset, length, bytes)
	var path *fs.PathError
	if errors.As(err, &path) { // which names a path that may not be printable
		err = path.Err
	}
	if err != nil {
		return nil, fmt.Errorf("external data %.64q: %w", location, err)
	}
	return data, nil
}

func (r *externalReader) readAt(location string, offset, length int64, bytes int) ([]byte, error) {
	info, err := r.find(location)
	if err != nil {
		return nil, err
	}
	f, err := r.root.Open(location)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if length < 0 {
		length = info.Size() - offset
	}
	if length < 0 || offset > info.Size()-length || length > r.left {
		return nil, fmt.Errorf("has %d bytes, %d from %d on are wanted", info.Size(), length, offset)
	}
	if length != int64(bytes) {
		return nil, fmt.Errorf("%d bytes are named, the tensor takes %d", length, bytes)
	}
	r.left -= length
	data := make([]byte, length)
	if _, err := f.ReadAt(data, offset); err != nil && err != io.EOF {
		return nil, err
	}
	return data, nil
}

// find returns what lies at a location that goes through no link.
func (r *externalReader) find(location string) (info fs.FileInfo, err error) {
	location = filepath.FromSlash(location)
	if !filepath.IsLocal(location) {
		return nil, errors.New("lies outside the allowed folder")
	}
	at := ""
	for part := range strings.SplitSeq(filepath.Clean(location), string(filepath.Separator)) {
		at = filepath.Join(at, part)
		if info, err = r.root.Lstat(at); err != nil {
			return nil, err
		}
		if info.Mode()&fs.ModeSymlink != 0 {
			return nil, errors.New("is a link, or lies behind one; links are not followed")
		}
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("is no regular file")
	}
	return info, nil
}

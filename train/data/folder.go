package data

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// photoSuffixes are those of the formats that package vision decodes.
var photoSuffixes = []string{".jpg", ".jpeg", ".png", ".gif", ".webp", ".bmp"}

// eachPhoto yields the photos in the folder at path, or in one folder per class
// in it, until yield returns false.
func eachPhoto(path string, yield func(Row) bool) error {
	top, err := list(path)
	if err != nil {
		return err
	}
	if len(top.photos) > 0 && len(top.folders) > 0 {
		return fmt.Errorf("%s: holds photos (%s) and folders (%s); want photos alone, or one folder per class",
			path, top.photos[0], top.folders[0])
	}
	if !top.each(path, "", yield) {
		return nil
	}
	for _, class := range top.folders {
		folder := filepath.Join(path, class)
		inner, err := list(folder)
		if err != nil {
			return err
		}
		if len(inner.folders) > 0 {
			return fmt.Errorf("%s: holds the folder %s; want photos alone in the folder of a class", folder, inner.folders[0])
		}
		if !inner.each(folder, class, yield) {
			return nil
		}
	}
	return nil
}

// A listing is what is in a folder and matters, as sorted names.
type listing struct{ photos, folders []string }

// each yields the photos as rows and returns whether to go on.
func (l listing) each(folder, label string, yield func(Row) bool) bool {
	for _, name := range l.photos {
		if !yield(Row{Image: filepath.Join(folder, name), Label: label}) {
			return false
		}
	}
	return true
}

func list(folder string) (listing, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return listing{}, pathFirst(err)
	}
	var l listing
	for _, e := range entries {
		name := e.Name()
		if strings.HasPrefix(name, ".") {
			continue
		}
		kind, err := target(folder, e)
		switch {
		case err != nil:
			return listing{}, err
		case kind.IsDir():
			l.folders = append(l.folders, name)
		case !slices.Contains(photoSuffixes, strings.ToLower(filepath.Ext(name))):
		case !kind.IsRegular():
			return listing{}, fmt.Errorf("%s: is named like a photo, but not a regular file", filepath.Join(folder, name))
		default:
			l.photos = append(l.photos, name)
		}
	}
	return l, nil
}

// target returns the type of an entry, for a symbolic link of what it leads to.
func target(folder string, e fs.DirEntry) (fs.FileMode, error) {
	if e.Type()&fs.ModeSymlink == 0 {
		return e.Type(), nil
	}
	info, err := os.Stat(filepath.Join(folder, e.Name()))
	if err != nil {
		return 0, pathFirst(err)
	}
	return info.Mode().Type(), nil
}

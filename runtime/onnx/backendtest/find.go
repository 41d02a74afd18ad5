package backendtest

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

const modelFile = "model.onnx"

// Find returns the test folders among the given ones and below them, each once,
// in alphabetical order. Links below the given folders are not followed.
func Find(roots ...string) ([]string, error) {
	var folders []string
	for _, root := range roots {
		info, err := os.Stat(root)
		if err != nil {
			return nil, err
		}
		if !info.IsDir() {
			return nil, fmt.Errorf("%s: is no folder; give one that holds model.onnx, or folders that do", root)
		}
		slash := string(filepath.Separator) // without it a link would be a file
		err = filepath.WalkDir(root+slash, func(path string, entry fs.DirEntry, err error) error {
			if err == nil && !entry.IsDir() && entry.Name() == modelFile {
				folders = append(folders, filepath.Dir(path))
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	slices.Sort(folders)
	return slices.Compact(folders), nil
}

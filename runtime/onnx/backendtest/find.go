package backendtest

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

const modelFile = "model.onnx"

// Find returns the test folders among the given ones and below them, in
// alphabetical order for each. Links are not followed.
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
		err = filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
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

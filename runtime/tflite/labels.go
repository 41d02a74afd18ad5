package tflite

import (
	"archive/zip"
	"bytes"
	"io"
	"path"
	"strings"
	"unicode"
)

// maxLabelBytes is the largest label file that is read, maxLabelFiles how many
// are tried.
const (
	maxLabelBytes = 1 << 20
	maxLabelFiles = 16
)

// readLabels returns the lines of the first text file with one for each class
// in the ZIP archive that follows the network, or nil where there is none.
// Damaged archives do not matter: labels are not the network, and can be given
// apart.
func readLabels(data []byte, classes int) []string {
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil
	}
	tried := 0
	for _, f := range archive.File {
		if path.Ext(f.Name) != ".txt" || tried == maxLabelFiles {
			continue
		}
		tried++
		if labels := labelsIn(f, classes); labels != nil {
			return labels
		}
	}
	return nil
}

// labelsIn returns the lines of a text file, or nil where it does not have one
// that can be shown for each class.
func labelsIn(f *zip.File, classes int) []string {
	r, err := f.Open()
	if err != nil {
		return nil
	}
	defer r.Close()
	data, err := io.ReadAll(io.LimitReader(r, maxLabelBytes+1))
	if err != nil || len(data) > maxLabelBytes {
		return nil
	}
	text := strings.TrimRight(strings.TrimPrefix(strings.ToValidUTF8(string(data), "�"), "\ufeff"), "\r\n\t ")
	if strings.Count(text, "\n")+1 != classes {
		return nil
	}
	labels := strings.Split(text, "\n")
	for i, label := range labels {
		if labels[i] = strings.TrimSpace(label); labels[i] == "" || strings.ContainsFunc(labels[i], unprintable) {
			return nil
		}
	}
	return labels
}

func unprintable(r rune) bool { return !unicode.IsPrint(r) }

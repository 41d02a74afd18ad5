package tflite

import (
	"archive/zip"
	"bytes"
	"io"
	"path"
	"strings"
)

// floatNormalization returns what the pixels of a float network are normalised
// with, and who says so.
func floatNormalization(metadata []byte, opt Options) (mean, std [3]float32, source NormalizationSource) {
	mean, std, source = [3]float32{127.5, 127.5, 127.5}, [3]float32{127.5, 127.5, 127.5}, Assumed
	if m, s, ok := metadataNormalization(metadata); ok {
		mean, std, source = m, s, FromMetadata
	}
	if opt.Mean != nil {
		mean, source = [3]float32{*opt.Mean, *opt.Mean, *opt.Mean}, FromOptions
	}
	if opt.Std != nil {
		std, source = [3]float32{*opt.Std, *opt.Std, *opt.Std}, FromOptions
	}
	return mean, std, source
}

// The fields of tensorflow_lite_support/metadata/metadata_schema.fbs on the way
// to the normalisation, and its number among the process units.
const (
	metadataSubgraphs, metadataInputs, metadataUnits = 3, 2, 4

	unitKind, unitOptions          = 0, 1
	unitNormalization              = 1
	normalizationMean, normalizeBy = 0, 1
)

// metadataNormalization reads the normalisation of the first input. Damaged
// metadata are as good as none: the network does not need them.
func metadataNormalization(metadata []byte) (mean, std [3]float32, ok bool) {
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	if len(metadata) < 8 {
		return mean, std, false
	}
	subgraphs := rootTable(metadata).tables(metadataSubgraphs)
	if len(subgraphs) == 0 {
		return mean, std, false
	}
	inputs := subgraphs[0].tables(metadataInputs)
	if len(inputs) == 0 {
		return mean, std, false
	}
	for _, unit := range inputs[0].tables(metadataUnits) {
		options, has := unit.table(unitOptions)
		if !has || unit.int8(unitKind) != unitNormalization {
			continue
		}
		if spread(options.float32s(normalizationMean), &mean) && spread(options.float32s(normalizeBy), &std) {
			return mean, std, std[0] > 0 && std[1] > 0 && std[2] > 0
		}
	}
	return mean, std, false
}

// spread gives each channel its value, from one for all or one for each.
func spread(values []float32, to *[3]float32) bool {
	switch len(values) {
	case 1:
		*to = [3]float32{values[0], values[0], values[0]}
	case 3:
		copy(to[:], values)
	default:
		return false
	}
	return true
}

// maxLabels is the largest label file that is read.
const maxLabels = 4 << 20

// readLabels returns the lines of the label file in the archive behind the
// network, or nil where there is none.
func readLabels(data []byte) []string {
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil
	}
	for _, entry := range archive.File {
		name := strings.ToLower(path.Base(entry.Name))
		if !strings.Contains(name, "label") || path.Ext(name) != ".txt" {
			continue
		}
		if labels := readLines(entry); len(labels) > 0 {
			return labels
		}
	}
	return nil
}

func readLines(entry *zip.File) []string {
	r, err := entry.Open()
	if err != nil {
		return nil
	}
	defer r.Close()
	text, err := io.ReadAll(io.LimitReader(r, maxLabels))
	if err != nil {
		return nil
	}
	lines := strings.Split(strings.TrimRight(string(text), "\r\n\t "), "\n")
	for i := range lines {
		lines[i] = strings.TrimSpace(lines[i])
	}
	return lines
}

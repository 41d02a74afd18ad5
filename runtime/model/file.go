package model

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/model/safetensors"
	"megl-edge/runtime/vision"
)

// FormatVersion is the version of the file format that this package writes. It
// reads this one and all before it; a file of a later one is refused. Version 2 added
// the checksum of the header.
const FormatVersion = 2

// The keys of the container's metadata.
const (
	keyFormat      = "format" // formatPrefix and the version
	keyGraph       = "graph"
	keyLabels      = "labels"
	keyPreprocess  = "preprocess"
	keyTargetLayer = "target_layer"
	keyProvenance  = "provenance"
	keyPrior       = "prior"      // absent where there is none
	keyMetrics     = "metrics"    // likewise
	keyVocabulary  = "vocabulary" // likewise
	keyDecoder     = "decoder"    // likewise: its shape
	keyConfidence  = "confidence" // likewise
	keySum         = "sha256"     // of the tensor bytes, hexadecimal
	// Of all else that the header says: see headerSum. Absent from files of version 1.
	keyHeaderSum = "header_sha256"
)

const formatPrefix = "megl-edge/"

// ErrNewer says that a file was written by a later version of the program.
var ErrNewer = errors.New("the model was written by a newer megl-edge: update this program")

// Save writes the model to path, whole or not at all.
func (m *Model) Save(path string) error {
	metadata, entries, err := m.encode()
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return safetensors.WriteFile(path, metadata, entries)
}

// Write writes the model to w.
func (m *Model) Write(w io.Writer) error {
	metadata, entries, err := m.encode()
	if err != nil {
		return err
	}
	return safetensors.Write(w, metadata, entries)
}

func (m *Model) encode() (map[string]string, []safetensors.Entry, error) {
	if err := m.Check(); err != nil {
		return nil, nil, err
	}
	nodes, tensors, err := graph.Encode(m.Graph)
	if err != nil {
		return nil, nil, err
	}
	entries := make([]safetensors.Entry, len(tensors))
	for i, t := range tensors {
		entries[i] = safetensors.Entry{Name: t.Name, Tensor: t.Tensor}
	}
	if m.Decoder != nil {
		entries = append(entries, m.Decoder.entries()...)
	}
	entries = append(entries, m.Confidence.entries()...)
	sum := safetensors.Sum(entries)
	metadata := map[string]string{
		keyFormat:      formatPrefix + strconv.Itoa(FormatVersion),
		keyGraph:       string(nodes),
		keyTargetLayer: m.TargetLayer,
		keySum:         hex.EncodeToString(sum[:]),
	}
	values := map[string]any{keyLabels: m.Labels, keyPreprocess: m.Preprocess, keyProvenance: m.Provenance}
	if m.Prior != nil {
		values[keyPrior] = m.Prior
	}
	if m.Metrics != nil {
		values[keyMetrics] = m.Metrics
	}
	if m.Confidence != nil {
		values[keyConfidence] = m.Confidence
	}
	for key, value := range values {
		text, err := json.Marshal(value)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", key, err)
		}
		metadata[key] = string(text)
	}
	if m.Vocabulary != "" {
		metadata[keyVocabulary] = m.Vocabulary
	}
	if m.Decoder != nil {
		metadata[keyDecoder] = string(m.Decoder.Shape)
	}
	types := map[string]string{}
	for _, e := range entries {
		types[e.Name] = typeOf(e.Tensor)
	}
	metadata[keyHeaderSum] = headerSum(metadata, types)
	return metadata, entries, nil
}

// Load opens a model file. Its tensors stay in the file, mapped into memory,
// until [Model.Close].
func Load(path string) (*Model, error) {
	f, err := safetensors.Open(path)
	if err != nil {
		return nil, err
	}
	m, err := decode(f)
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return m, nil
}

// Parse reads a model from memory, which it shares.
func Parse(data []byte) (*Model, error) {
	f, err := safetensors.Parse(data)
	if err != nil {
		return nil, err
	}
	return decode(f)
}

func decode(f *safetensors.File) (*Model, error) {
	metadata := f.Metadata()
	if err := checkFormat(metadata[keyFormat]); err != nil {
		return nil, err
	}
	if sum := f.DataSum(); metadata[keySum] != hex.EncodeToString(sum[:]) {
		return nil, errors.New("the weights do not match their checksum: the file is damaged or was changed")
	}
	if err := checkHeaderSum(f, metadata); err != nil {
		return nil, err
	}
	m := &Model{TargetLayer: metadata[keyTargetLayer], Vocabulary: metadata[keyVocabulary], file: f}
	var err error
	if m.Graph, err = graph.Decode([]byte(metadata[keyGraph]), f.Tensor); err != nil {
		return nil, err
	}
	if m.Preprocess, err = vision.ParsePreprocess([]byte(metadata[keyPreprocess])); err != nil {
		return nil, err
	}
	if err := decodeStrict(metadata, keyLabels, &m.Labels); err != nil {
		return nil, err
	}
	if err := decodeStrict(metadata, keyProvenance, &m.Provenance); err != nil {
		return nil, err
	}
	if err := decodeIfThere(metadata, keyPrior, &m.Prior); err != nil {
		return nil, err
	}
	if err := decodeIfThere(metadata, keyMetrics, &m.Metrics); err != nil {
		return nil, err
	}
	if m.Decoder, err = readDecoder(f); err != nil {
		return nil, err
	}
	if m.Confidence, err = readConfidence(f, metadata); err != nil {
		return nil, err
	}
	return m, m.Check()
}

// decodeIfThere leaves v as it is where the metadata have no such key.
func decodeIfThere(metadata map[string]string, key string, v any) error {
	if _, ok := metadata[key]; !ok {
		return nil
	}
	return decodeStrict(metadata, key, v)
}

func checkFormat(format string) error {
	number, ok := strings.CutPrefix(format, formatPrefix)
	if !ok {
		return errors.New("is a safetensors file, but not a megl-edge model: import one with `megl-edge import`")
	}
	version, err := strconv.Atoi(number)
	switch {
	case err != nil || version < 1:
		return fmt.Errorf("has the unknown format %q", format)
	case version > FormatVersion:
		return fmt.Errorf("%w (it has format %d, this program reads up to %d)", ErrNewer, version, FormatVersion)
	}
	return nil
}

func decodeStrict(metadata map[string]string, key string, v any) error {
	d := json.NewDecoder(bytes.NewReader([]byte(metadata[key])))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return fmt.Errorf("%s: %w", key, err)
	}
	return nil
}

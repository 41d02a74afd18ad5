package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"megl-edge/runtime/vision"
)

// shot is a photo that is to be explained.
type shot struct {
	name    string          // its file, or what stands for it in results
	content []byte          // nil where name is its file
	id      json.RawMessage // what the asker calls it; nil without
	photo   *vision.Image
}

// shotSource hands out photos, one after the other, until there are no more or the
// context ends. A photo that cannot be used is reported and left out.
type shotSource func(ctx context.Context, each func(shot) error) error

// decode reads the pixels.
func (s *shot) decode() error {
	var err error
	if s.content == nil {
		s.photo, err = vision.DecodeFile(s.name, vision.DefaultLimits)
		return err
	}
	if s.photo, err = vision.Decode(bytes.NewReader(s.content), vision.DefaultLimits); err != nil {
		return fmt.Errorf("%s: %w", s.name, err)
	}
	return nil
}

// sum returns the SHA-256 of the photo's bytes, hexadecimal.
func (s *shot) sum() (string, error) {
	if s.content == nil {
		return fileSum(s.name)
	}
	sum := sha256.Sum256(s.content)
	return hex.EncodeToString(sum[:]), nil
}

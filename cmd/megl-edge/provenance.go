package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"megl-edge/runtime/model"
	"megl-edge/train/data"
)

// beside are the flags that do not decide the bytes of the model a command writes.
var beside = []string{"threads", "json", "log", "output", "resume", "checkpoint", "checkpoint-steps", "report", "low-memory", "strict"}

// fileFlags are those that name files, of which the last part of the path is kept.
var fileFlags = []string{"model", "data", "val", "calibrate"}

// stepOf returns what a command adds to the provenance of the model it makes of the one
// at parent. rows may be nil.
func stepOf(k *kong.Context, parent string, rows *data.Dataset, seed uint64) (model.Step, error) {
	step := model.Step{Command: commandLine(k), Tool: "megl-edge " + version(), Seed: seed}
	var err error
	if step.Parent, err = modelSum(parent); err != nil {
		return step, err
	}
	if rows != nil {
		step.Data, err = rows.Sum()
	}
	return step, err
}

// commandLine returns the command with the flags that differ from their defaults.
func commandLine(k *kong.Context) string {
	words := []string{strings.Fields(k.Command())[0]}
	for _, f := range k.Selected().Flags {
		value := fmt.Sprint(f.Target.Interface())
		if !f.Set || slices.Contains(beside, f.Name) || f.HasDefault && value == f.Default {
			continue
		}
		if slices.Contains(fileFlags, f.Name) {
			value = filepath.Base(value)
		}
		words = append(words, "--"+f.Name+"="+value)
	}
	return strings.Join(words, " ")
}

// modelSum returns the SHA-256 of a model file, hexadecimal, or of the built-in model.
func modelSum(path string) (string, error) {
	if path == builtinName || path == "" {
		sum := sha256.Sum256(builtin)
		return hex.EncodeToString(sum[:]), nil
	}
	return fileSum(path)
}

// fileSum returns the SHA-256 of a file, hexadecimal.
func fileSum(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", fmt.Errorf("%s: %w", path, err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

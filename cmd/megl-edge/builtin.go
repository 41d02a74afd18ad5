package main

import (
	_ "embed"

	"megl-edge/runtime/model"
)

// builtin is the model that the program carries. MODEL_CARD.md tells what it knows and
// how it is made.
//
//go:embed objects.megl
var builtin []byte

// builtinName stands for it on the command line and in messages.
const builtinName = "built-in"

// loadModel reads a model file, or the built-in model, which an empty name stands for,
// too: that of an environment variable which is set to nothing.
func loadModel(path string) (*model.Model, error) {
	if path == builtinName || path == "" {
		return model.Parse(builtin)
	}
	return model.Load(path)
}

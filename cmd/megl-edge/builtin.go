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

// loadModel reads a model file, or the built-in model.
func loadModel(path string) (*model.Model, error) {
	if path == builtinName {
		return model.Parse(builtin)
	}
	return model.Load(path)
}

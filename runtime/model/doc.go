// Package model reads and writes the model file (suffix .megl): one safetensors
// container that any safetensors reader opens, whose metadata hold the graph,
// the labels, the preprocessing and where the model comes from.
//
// Importers and training make a [Model]; [Load] hands it to package runtime.
// Everything in a file is checked before it is used: a bad file gives one error
// and no allocation larger than the file justifies.
package model

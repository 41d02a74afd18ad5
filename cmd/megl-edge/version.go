package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

// release is the version of a released binary, set by the linker.
var release string

// version returns the version of this program, or "development".
func version() string {
	if release != "" {
		return release
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "development"
}

type versionCommand struct {
	JSON bool `name:"json" help:"Print one JSON object."`
}

func (*versionCommand) example() string { return "megl-edge version" }

type versionResult struct {
	schema
	Version string `json:"version"`
	Go      string `json:"go"`
	System  string `json:"system"`
}

func (c *versionCommand) Run(std streams) error {
	r := versionResult{schemaOf("version"), version(), runtime.Version(), runtime.GOOS + "/" + runtime.GOARCH}
	if c.JSON {
		return writeJSON(std.out, r)
	}
	_, err := fmt.Fprintf(std.out, "megl-edge %s (%s, %s)\n", r.Version, r.System, r.Go)
	return err
}

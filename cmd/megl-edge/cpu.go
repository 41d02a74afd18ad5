package main

import (
	"fmt"
	"runtime"
	"strings"

	"github.com/klauspost/cpuid/v2"

	"megl-edge/kernels/asm"
)

type cpuCommand struct {
	JSON bool `name:"json" help:"Print one JSON object."`
}

func (*cpuCommand) example() string { return "megl-edge cpu" }

type cpuResult struct {
	schema
	Processor    string   `json:"processor"`
	Architecture string   `json:"architecture"`
	Features     []string `json:"features"`
	Levels       []string `json:"levels"`
	Level        string   `json:"level"`
	Threads      int      `json:"threads"`
}

func (c *cpuCommand) Run(std streams) error {
	level, _ := asm.Current()
	r := cpuResult{
		schema: schemaOf("cpu"), Processor: cpuid.CPU.BrandName, Architecture: runtime.GOARCH,
		Features: cpuid.CPU.FeatureSet(), Level: level.String(), Threads: runtime.GOMAXPROCS(0),
	}
	for _, l := range asm.Levels() {
		r.Levels = append(r.Levels, l.String())
	}
	if r.Processor == "" {
		r.Processor = "unknown"
	}
	if c.JSON {
		return writeJSON(std.out, r)
	}
	_, err := fmt.Fprintf(std.out, "processor  %s (%s)\nfeatures   %s\nlevels     %s\nin use     %s\nthreads    %d\n",
		r.Processor, r.Architecture, strings.Join(r.Features, " "), strings.Join(r.Levels, ", "), r.Level, r.Threads)
	return err
}

package main

import (
	"context"
	"fmt"
	"io"
	"regexp"
	goruntime "runtime"
	"text/tabwriter"

	"megl-edge/cmd/megl-edge/internal/microbench"
	"megl-edge/kernels/asm"
)

type benchKernelsCommand struct {
	Filter string `placeholder:"REGEXP" help:"Only kernels whose name and shape match, as in \"depthwise.*14×14\"."`
	JSON   bool   `name:"json" help:"Print one JSON object."`
}

func (*benchKernelsCommand) Help() string {
	return `A multiply-accumulate counts as two operations. Matrix products are rows × depth × columns; a kernel is called as the step of a model that inspect and bench list under this name. Where all threads are used besides one, a second line says so.

The level marked with * is the one that models run at.`
}

func (*benchKernelsCommand) example() string {
	return `megl-edge bench kernels --filter "int8|softmax"`
}

type benchKernelsResult struct {
	schema
	Level   string           `json:"level"` // the one in use
	Kernels []kernelRateJSON `json:"kernels"`
}

type kernelRateJSON struct {
	Kernel  string          `json:"kernel"`
	Shape   string          `json:"shape"`
	Threads int             `json:"threads"`
	Unit    string          `json:"unit"`
	Rates   []levelRateJSON `json:"rates"` // lowest level first
}

type levelRateJSON struct {
	Level string  `json:"level"`
	Rate  float64 `json:"rate"`
}

func (c *benchKernelsCommand) Run(ctx context.Context, std streams) error {
	cases, err := c.cases()
	if err != nil {
		return badInput(err)
	}
	level, _ := asm.Current()
	r := benchKernelsResult{schema: schemaOf("bench-kernels"), Level: level.String()}
	progress := newProgress(std.err, len(cases))
	defer progress.clear()
	for i, k := range cases {
		progress.show(i, k.Kernel)
		row := kernelRateJSON{Kernel: k.Kernel, Shape: k.Shape, Threads: k.Threads, Unit: k.Unit}
		for _, l := range asm.Levels() {
			if ctx.Err() != nil {
				return errInterrupted
			}
			row.Rates = append(row.Rates, levelRateJSON{l.String(), k.Rate(l)})
		}
		r.Kernels = append(r.Kernels, row)
	}
	progress.clear()
	if c.JSON {
		return writeJSON(std.out, r)
	}
	return printKernels(std.out, r)
}

// cases returns what the filter leaves.
func (c *benchKernelsCommand) cases() ([]microbench.Case, error) {
	filter, err := regexp.Compile(c.Filter)
	if err != nil {
		return nil, fmt.Errorf("--filter: %w", err)
	}
	var cases []microbench.Case
	for _, k := range microbench.Cases(goruntime.GOMAXPROCS(0)) {
		if filter.MatchString(k.Kernel + " " + k.Shape) {
			cases = append(cases, k)
		}
	}
	if len(cases) == 0 {
		return nil, fmt.Errorf("--filter %q: no kernel has such a name and shape; without it all are listed", c.Filter)
	}
	return cases, nil
}

func printKernels(w io.Writer, r benchKernelsResult) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprint(t, "kernel\tshape\tthreads\tunit\t")
	for _, l := range r.Kernels[0].Rates {
		name := l.Level
		if name == r.Level {
			name += "*"
		}
		fmt.Fprintf(t, "%8s\t", name)
	}
	fmt.Fprintln(t)
	for _, k := range r.Kernels {
		fmt.Fprintf(t, "%s\t%s\t%d\t%s\t", k.Kernel, k.Shape, k.Threads, k.Unit)
		for _, l := range k.Rates {
			fmt.Fprintf(t, "%8.2f\t", l.Rate)
		}
		fmt.Fprintln(t)
	}
	return t.Flush()
}

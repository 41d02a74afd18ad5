package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"megl-edge/runtime/atomicfile"
	"megl-edge/runtime/predictionlog"
	"megl-edge/train/slot"
)

type modelsCommand struct {
	List     modelsListCommand     `cmd:"" help:"List the generations of a store."`
	Show     modelsShowCommand     `cmd:"" help:"Show where a generation comes from, and verify the chain of all before it."`
	Gate     modelsGateCommand     `cmd:"" help:"Say whether a model may take the place of the current one, and why not."`
	Promote  modelsPromoteCommand  `cmd:"" help:"Make a model the current one, if the gate lets it pass."`
	Rollback modelsRollbackCommand `cmd:"" help:"Return to the generation before."`
	Prune    modelsPruneCommand    `cmd:"" help:"Delete old generations; their records stay."`
	Sign     modelsSignCommand     `cmd:"" help:"Sign a model file."`
	Audit    modelsAuditCommand    `cmd:"" help:"Verify a log of predictions."`
}

func (*modelsCommand) example() string { return (*modelsPromoteCommand)(nil).example() }

// storeFlag names a store that must be given.
type storeFlag struct {
	Store string `required:"" env:"MEGL_STORE" placeholder:"DIR" help:"Folder of the generations. Also taken from the environment variable MEGL_STORE."`
}

// storeError tells what a user can mend in a change from what failed.
func storeError(err error) error {
	for _, cause := range []error{slot.ErrNoStore, slot.ErrNoPrevious, slot.ErrNewer} {
		if errors.Is(err, cause) {
			return inputError{err}
		}
	}
	return err
}

type modelsListCommand struct {
	storeFlag
	JSON bool `name:"json" help:"Print one JSON object."`
}

func (*modelsListCommand) example() string { return "megl-edge models list --store /var/lib/megl-edge" }

type modelsListResult struct {
	schema
	Store       string            `json:"store"`
	State       slot.State        `json:"state"`
	Generations []slot.Generation `json:"generations"`
}

func (c *modelsListCommand) Run(std streams) error {
	s := slot.Open(c.Store)
	state, err := s.State()
	if err != nil && !errors.Is(err, slot.ErrNewer) {
		return badInput(err)
	}
	generations, err := s.List()
	if err != nil {
		return badInput(err)
	}
	if c.JSON {
		return writeJSON(std.out, modelsListResult{schemaOf("models list"), c.Store, state, generations})
	}
	w := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
	for _, g := range generations {
		fmt.Fprintf(w, "%d\t%s\t%s\t%.1f MB\t%s\t%s\n", g.Generation, standing(g, state), g.SHA256[:12], float64(g.Size)/1e6,
			g.Promoted.Format(time.DateTime), g.Origin.Note)
	}
	return w.Flush()
}

// standing says in words what a generation is to its store.
func standing(g slot.Generation, state slot.State) string {
	switch {
	case g.Current && state.Trial != nil:
		return fmt.Sprintf("current, on trial: %d of %d good runs", state.Trial.Good, state.Trial.Runs)
	case g.Current:
		return "current"
	case !g.Kept:
		return "deleted"
	case g.Previous:
		return "previous"
	}
	return "kept"
}

type modelsShowCommand struct {
	storeFlag
	Generation int  `arg:"" optional:"" help:"Number of the generation; without it the current one."`
	JSON       bool `name:"json" help:"Print one JSON object."`
}

func (*modelsShowCommand) example() string {
	return "megl-edge models show 3 --store /var/lib/megl-edge"
}

type modelsShowResult struct {
	schema
	Store string        `json:"store"`
	Chain []slot.Record `json:"chain"` // the generation first, then those it was promoted over
}

func (c *modelsShowCommand) Run(std streams) error {
	s := slot.Open(c.Store)
	if c.Generation == 0 {
		state, err := s.State()
		if err != nil && !errors.Is(err, slot.ErrNewer) {
			return badInput(err)
		}
		c.Generation = state.Current.Generation
	}
	chain, err := s.Chain(c.Generation)
	if err != nil {
		return badInput(err)
	}
	if c.JSON {
		return writeJSON(std.out, modelsShowResult{schemaOf("models show"), c.Store, chain})
	}
	return printRecord(std.out, chain)
}

func printRecord(out io.Writer, chain []slot.Record) error {
	r := chain[0]
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "generation\t%d, promoted %s by %s\n", r.Generation, r.Promoted.Format(time.DateTime), r.Version)
	fmt.Fprintf(w, "file\t%s, %.1f MB, SHA-256 %s\n", r.File, float64(r.Size)/1e6, r.SHA256)
	fmt.Fprintf(w, "source\t%s (SHA-256 %s)\n", orNone(r.Origin.Source), orNone(r.Origin.SourceSHA256))
	for _, step := range r.Origin.Steps {
		fmt.Fprintf(w, "made by\t%s\n\t  %s, seed %d, from %s, data %s\n", step.Command, step.Tool, step.Seed, step.Parent, orNone(step.Data))
	}
	var before []string
	for _, parent := range chain[1:] {
		before = append(before, fmt.Sprint(parent.Generation))
	}
	if len(before) > 0 {
		fmt.Fprintf(w, "promoted over\t%s\n", strings.Join(before, ", then "))
	}
	fmt.Fprintf(w, "verified\t%s\n", counted(len(chain), "record"))
	return w.Flush()
}

type modelsRollbackCommand struct {
	storeFlag
}

func (*modelsRollbackCommand) example() string {
	return "megl-edge models rollback --store /var/lib/megl-edge"
}

func (c *modelsRollbackCommand) Run(std streams) error {
	from, to, err := slot.Open(c.Store).Rollback()
	if err != nil {
		return storeError(err)
	}
	_, err = fmt.Fprintf(std.out, "generation %d is current again, after %d\n", to.Generation, from.Generation)
	return err
}

type modelsPruneCommand struct {
	storeFlag
	Keep int `default:"2" help:"How many to keep besides the current one and the one before."`
}

func (*modelsPruneCommand) example() string {
	return "megl-edge models prune --store /var/lib/megl-edge --keep 2"
}

func (c *modelsPruneCommand) Run(std streams) error {
	if c.Keep < 0 {
		return inputError{fmt.Errorf("--keep %d: give a number of generations", c.Keep)}
	}
	pruned, err := slot.Open(c.Store).Prune(c.Keep)
	if err != nil {
		return storeError(err)
	}
	_, err = fmt.Fprintf(std.out, "%s deleted\n", counted(len(pruned), "generation"))
	return err
}

type modelsSignCommand struct {
	File string `arg:"" help:"Model file (.megl)."`
	Key  string `required:"" placeholder:"KEY" help:"Ed25519 private key, a PEM file: openssl genpkey -algorithm ed25519 -out KEY."`
}

func (*modelsSignCommand) example() string {
	return "megl-edge models sign pets.megl --key signing.pem"
}

func (c *modelsSignCommand) Run(std streams) error {
	signature, err := slot.Sign(c.File, c.Key)
	if err != nil {
		return badInput(err)
	}
	path := c.File + slot.SignatureSuffix
	err = atomicfile.Write(path, func(w io.Writer) error {
		_, err := w.Write(signature)
		return err
	})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(std.out, "%s: signature of %s\n", path, filepath.Base(c.File))
	return err
}

type modelsAuditCommand struct {
	Log  string `arg:"" help:"File that --prediction-log wrote."`
	JSON bool   `name:"json" help:"Print one JSON object."`
}

func (*modelsAuditCommand) example() string { return "megl-edge models audit predictions.jsonl" }

type modelsAuditResult struct {
	schema
	Log string `json:"log"`
	predictionlog.Summary
}

func (c *modelsAuditCommand) Run(_ context.Context, std streams) error {
	f, err := os.Open(c.Log)
	if err != nil {
		return badInput(err)
	}
	defer f.Close()
	summary, err := predictionlog.Verify(f)
	if err != nil {
		return fmt.Errorf("%s: %w", c.Log, err)
	}
	if c.JSON {
		return writeJSON(std.out, modelsAuditResult{schemaOf("models audit"), c.Log, summary})
	}
	torn := ""
	if summary.Torn > 0 {
		torn = fmt.Sprintf(", and %s that a crash cut off", counted(summary.Torn, "row"))
	}
	_, err = fmt.Fprintf(std.out, "%s: %s, none changed, taken out or put in%s; the last one has SHA-256 %s\n",
		c.Log, counted(int(summary.Rows), "row"), torn, orNone(summary.Last))
	return err
}

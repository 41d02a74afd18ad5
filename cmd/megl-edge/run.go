package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"megl-edge/cmd/megl-edge/internal/script"
)

type runCommand struct {
	Allow   []string      `placeholder:"DIR" help:"Folder whose files the script may read and write; may be given several times. Without it the script uses no files."`
	Timeout time.Duration `default:"24h" help:"Stop the script after this time."`
	Memory  int           `name:"max-memory" default:"256" placeholder:"MB" help:"Stop it when it takes more memory, models and photos not counted."`
	Objects int64         `name:"max-objects" default:"50000000" help:"Stop it when it has made so many values."`
	Text    int           `name:"max-text" default:"16" placeholder:"MB" help:"Longest text that it may make."`
	Script  string        `arg:"" help:"Tengo script."`
	Args    []string      `arg:"" optional:"" passthrough:"" help:"What the script sees as args."`
}

func (*runCommand) example() string {
	return "megl-edge run --allow /var/lib/megl-edge nightly.tengo /var/lib/megl-edge"
}

func (*runCommand) Help() string {
	return `Scripts are written in Tengo (github.com/d5/tengo). They import megl (load, explain, dataset, write_rows, train, evaluate, calibrate, quantize, export, gate, promote, rollback, models), device (temperature, load, memory, battery, processors), files (read, write, append, list, exists, move), and math, text, times, rand, fmt, json, base64, hex and enum of Tengo's own. They have no network and start no programs. What the outside causes, such as a photo that cannot be read, is an error value (is_error); what the script does wrong ends it, with its line and column, and status 1.`
}

// scriptProcess is the environment variable that tells a process to run a script itself.
const scriptProcess = "MEGL_EDGE_SCRIPT_PROCESS"

func (c *runCommand) Run(ctx context.Context, std streams) error {
	if err := c.check(); err != nil {
		return badInput(err)
	}
	if os.Getenv(scriptProcess) != "" {
		return c.here(ctx, std)
	}
	return c.apart(ctx, std)
}

func (c *runCommand) check() error {
	const mostMemory, mostText = 1 << 16, 1 << 10 // MB
	switch {
	case c.Timeout <= 0:
		return fmt.Errorf("--timeout %v: give a time above 0", c.Timeout)
	case c.Memory < 1 || c.Memory > mostMemory:
		return fmt.Errorf("--max-memory %d: give megabytes from 1 to %d", c.Memory, mostMemory)
	case c.Text < 1 || c.Text > mostText:
		return fmt.Errorf("--max-text %d: give megabytes from 1 to %d", c.Text, mostText)
	case c.Objects < 1:
		return fmt.Errorf("--max-objects %d: give a number above 0", c.Objects)
	}
	info, err := os.Stat(c.Script)
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s: is no file", c.Script)
	}
	if err != nil {
		return err
	}
	_, err = script.NewSandbox(c.Allow)
	return err
}

// here runs the script in this process.
func (c *runCommand) here(ctx context.Context, std streams) error {
	source, err := os.ReadFile(c.Script)
	if err != nil {
		return badInput(err)
	}
	sandbox, err := script.NewSandbox(c.Allow)
	if err != nil {
		return badInput(err)
	}
	ctx, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	limits := script.DefaultLimits()
	limits.Objects, limits.Text, limits.Memory = c.Objects, c.Text<<20, uint64(c.Memory)<<20
	e := script.New(ctx, filepath.Base(c.Script), std.out, limits)
	// The process is the script's own.
	e.Stuck = func(err error) { os.Exit(report(std, err)) }
	modules := &scriptModules{engine: e, sandbox: sandbox, std: std}
	defer modules.close()
	modules.addTo(e)
	return e.Run(source, c.Args)
}

// grace is what a script's process has to end by itself.
const grace = 5 * time.Second

// apart runs the script in a process of its own: one that overflows its stack, or takes
// all memory at once, ends nothing but itself.
func (c *runCommand) apart(ctx context.Context, std streams) error {
	program, err := os.Executable()
	if err != nil {
		return err
	}
	args := []string{"run", "--timeout", c.Timeout.String(), "--max-memory", fmt.Sprint(c.Memory), "--max-objects", fmt.Sprint(c.Objects), "--max-text", fmt.Sprint(c.Text)}
	for _, folder := range c.Allow {
		args = append(args, "--allow="+folder)
	}
	ctx, cancel := context.WithTimeout(ctx, c.Timeout+grace)
	defer cancel()
	child := exec.CommandContext(ctx, program, append(append(args, "--", c.Script), c.Args...)...)
	child.Env = append(os.Environ(), scriptProcess+"=1")
	child.Cancel = func() error { return terminate(child.Process) }
	child.WaitDelay = grace
	said := &filter{out: std.err}
	child.Stdout, child.Stderr = std.out, said
	err = child.Run()
	var ended *exec.ExitError
	switch {
	case err == nil:
		return nil
	case said.fatal != "":
		return fmt.Errorf("%s: stopped: %s", filepath.Base(c.Script), said.fatal)
	case errors.As(err, &ended) && ended.ExitCode() > 0:
		return reported(ended.ExitCode()) // it has said why
	case errors.As(err, &ended):
		return fmt.Errorf("%s: stopped: its process was ended: %w", filepath.Base(c.Script), err)
	}
	return err
}

// terminate asks a process to end.
func terminate(p *os.Process) error {
	if err := p.Signal(syscall.SIGTERM); err != nil {
		return p.Kill()
	}
	return nil
}

// reported is the status of a process that has printed its error.
type reported int

func (r reported) Error() string { return fmt.Sprintf("status %d", int(r)) }

// filter hands on what a process prints, up to where it dies of something that Go cannot
// recover from: of that it keeps the reason and drops the stacks.
type filter struct {
	out   io.Writer
	line  []byte // that has not ended
	fatal string
}

// deaths are how Go begins to report the end of a process, and what that means to a user.
var deaths = []struct{ begins, means string }{
	{"runtime: goroutine stack exceeds", "it calls itself, or nests values, too deeply"},
	{"fatal error: stack overflow", "it calls itself, or nests values, too deeply"},
	{"runtime: out of memory", "it takes more memory than there is"},
	{"fatal error: ", "it takes more memory than there is"},
	{"panic: ", "a fault in this program; please report it"},
}

func (f *filter) Write(p []byte) (int, error) {
	f.line = append(f.line, p...)
	for f.fatal == "" {
		end := strings.IndexByte(string(f.line), '\n')
		if end < 0 {
			break
		}
		for _, d := range deaths {
			if strings.HasPrefix(string(f.line), d.begins) && f.fatal == "" {
				f.fatal = d.means
			}
		}
		if f.fatal == "" {
			if _, err := f.out.Write(f.line[:end+1]); err != nil {
				return 0, err
			}
		}
		f.line = f.line[end+1:]
	}
	return len(p), nil
}

package main

import (
	_ "embed"
	"errors"
	"fmt"
	"strings"
	"text/template"
	"time"
	"unicode"
)

type serviceCommand struct {
	Print servicePrintCommand `cmd:"" help:"Print what an init system needs to run this program."`
}

func (*serviceCommand) example() string { return (*servicePrintCommand)(nil).example() }

type servicePrintCommand struct {
	Init    string        `default:"systemd" enum:"systemd,openrc" help:"Init system: systemd or openrc."`
	Binary  string        `default:"/usr/bin/megl-edge" placeholder:"PATH" help:"Where this program is installed (${default})."`
	User    string        `default:"megl-edge" help:"User and group to run as (${default})."`
	State   string        `default:"/var/lib/megl-edge" placeholder:"DIR" help:"Folder that the service may write: notes, results, and the folder incoming (${default})."`
	Watch   string        `placeholder:"DIR" help:"Folder whose photos are explained; incoming in the state folder by default."`
	Camera  string        `placeholder:"DEVICE" help:"Explain what this camera sees instead, such as /dev/video0."`
	Every   time.Duration `default:"1s" help:"How often to look."`
	Store   string        `placeholder:"DIR" help:"Store of models; without it the built-in model."`
	Key     string        `name:"require-signature" placeholder:"KEY" help:"Public key that the model must be signed with."`
	Log     bool          `name:"prediction-log" help:"Keep an account of all predictions, for audits, in the state folder."`
	Memory  int           `name:"max-memory" default:"512" placeholder:"MB" help:"Memory that the service may take."`
	Threads int           `default:"0" help:"Threads to compute with; 0 means one for each processor."`
}

func (*servicePrintCommand) example() string {
	return "megl-edge service print --store /var/lib/megl-edge/store > /etc/systemd/system/megl-edge.service"
}

//go:embed service.systemd.tmpl
var systemdUnit string

//go:embed service.openrc.tmpl
var openrcScript string

func (c *servicePrintCommand) Run(std streams) error {
	if err := c.check(); err != nil {
		return inputError{err}
	}
	text, quote := systemdUnit, systemdQuoted
	if c.Init == "openrc" {
		text, quote = openrcScript, shellQuoted
	}
	words := c.words()
	for i := range words {
		words[i] = quote(words[i])
	}
	page, err := template.New(c.Init).Funcs(template.FuncMap{"quote": quote}).Parse(text)
	if err != nil {
		return err
	}
	return page.Execute(std.out, struct {
		*servicePrintCommand
		Arguments string
		Writable  []string
	}{c, strings.Join(words, " "), c.writable()})
}

// check fails on what an init system could take for something else.
func (c *servicePrintCommand) check() error {
	for flag, path := range map[string]string{
		"binary": c.Binary, "state": c.State, "watch": c.Watch, "camera": c.Camera, "store": c.Store, "require-signature": c.Key,
	} {
		if path == "" && flag != "binary" && flag != "state" {
			continue
		}
		if !strings.HasPrefix(path, "/") || strings.ContainsFunc(path, func(r rune) bool { return unicode.IsControl(r) }) {
			return fmt.Errorf("--%s %q: give an absolute path", flag, path)
		}
	}
	name := func(r rune) bool {
		return r != '-' && r != '_' && !(r >= 'a' && r <= 'z') && !(r >= '0' && r <= '9')
	}
	switch {
	case c.User == "" || strings.ContainsFunc(c.User, name):
		return fmt.Errorf("--user %q: is no name of a user", c.User)
	case c.Watch != "" && c.Camera != "":
		return errors.New("--watch and --camera: give one of them")
	case c.Every < 10*time.Millisecond:
		return fmt.Errorf("--every %v: give at least 10ms", c.Every)
	case c.Memory < 32:
		return fmt.Errorf("--max-memory %d: give at least 32 MB", c.Memory)
	case c.Threads < 0 || c.Threads > maxThreads:
		return fmt.Errorf("--threads %d: give a number from 1 to %d, or 0 for one a processor", c.Threads, maxThreads)
	}
	return nil
}

// watched returns the folder whose photos are explained; "" with a camera.
func (c *servicePrintCommand) watched() string {
	if c.Watch == "" && c.Camera == "" {
		return c.State + "/incoming"
	}
	return c.Watch
}

// words returns the arguments of the program.
func (c *servicePrintCommand) words() []string {
	words := []string{"explain", "--json", "--every=" + c.Every.String()}
	if c.Camera != "" {
		words = append(words, "--camera="+c.Camera)
	} else {
		words = append(words, "--watch="+c.watched(), "--seen="+c.State+"/seen.jsonl")
	}
	if c.Store != "" {
		words = append(words, "--store="+c.Store)
	}
	if c.Key != "" {
		words = append(words, "--require-signature="+c.Key)
	}
	if c.Log {
		words = append(words, "--prediction-log="+c.State+"/predictions.jsonl")
	}
	if c.Threads > 0 {
		words = append(words, fmt.Sprintf("--threads=%d", c.Threads))
	}
	return words
}

// writable returns the folders that the service writes: the store, too, where it notes
// what crashes on trial.
func (c *servicePrintCommand) writable() []string {
	folders := []string{c.State}
	if c.Store != "" && !strings.HasPrefix(c.Store+"/", c.State+"/") {
		folders = append(folders, c.Store)
	}
	return folders
}

// systemdQuoted makes one word of a text for a unit file: systemd.syntax(7), and
// systemd.service(5) on $.
func systemdQuoted(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "%", "%%", "$", "$$").Replace(text) + `"`
}

// shellQuoted makes one word of a text for a shell.
func shellQuoted(text string) string {
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

type completionCommand struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"bash, zsh or fish."`
}

func (*completionCommand) example() string {
	return "megl-edge completion bash > /etc/bash_completion.d/megl-edge"
}

// command is a subcommand with its flags, as completion needs them.
type command struct {
	name, help string
	children   []string
	flags      []string
}

func (c *completionCommand) Run(std streams, app *kong.Application) error {
	commands := commandsOf(app)
	switch c.Shell {
	case "zsh":
		// zsh reads bash completions through its own bridge.
		if _, err := fmt.Fprint(std.out, "#compdef megl-edge\nautoload -U +X bashcompinit && bashcompinit\n"); err != nil {
			return err
		}
		return writeBash(std.out, commands)
	case "fish":
		return writeFish(std.out, commands)
	}
	return writeBash(std.out, commands)
}

func commandsOf(app *kong.Application) []command {
	var commands []command
	for _, node := range app.Children {
		found := command{name: node.Name, help: node.Help}
		flags := slices.Concat(app.Flags, node.Flags)
		for _, child := range node.Children { // of bench and data
			found.children = append(found.children, child.Name)
			flags = append(flags, child.Flags...)
		}
		for _, flag := range flags {
			if name := "--" + flag.Name; !slices.Contains(found.flags, name) {
				found.flags = append(found.flags, name)
			}
		}
		commands = append(commands, found)
	}
	return commands
}

func writeBash(w io.Writer, commands []command) error {
	var names, cases strings.Builder
	for _, c := range commands {
		fmt.Fprintf(&names, "%s ", c.name)
		fmt.Fprintf(&cases, "    %s) flags=%q children=%q ;;\n", c.name, strings.Join(c.flags, " "), strings.Join(c.children, " "))
	}
	_, err := fmt.Fprintf(w, `_megl_edge() {
  local word=${COMP_WORDS[COMP_CWORD]} flags="" children=""
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "%s" -- "$word"))
    return
  fi
  case ${COMP_WORDS[1]} in
%s  esac
  [ "$COMP_CWORD" -eq 2 ] || children=""
  case $word in
    -*) COMPREPLY=($(compgen -W "$flags" -- "$word")) ;;
    *) COMPREPLY=($(compgen -f -W "$children" -- "$word")) ;;
  esac
}
complete -o filenames -F _megl_edge megl-edge
`, strings.TrimSpace(names.String()), cases.String())
	return err
}

func writeFish(w io.Writer, commands []command) error {
	for _, c := range commands {
		if _, err := fmt.Fprintf(w, "complete -c megl-edge -n __fish_use_subcommand -a %s -d %q\n", c.name, c.help); err != nil {
			return err
		}
		for _, child := range c.children {
			if _, err := fmt.Fprintf(w, "complete -c megl-edge -n '__fish_seen_subcommand_from %s' -a %s\n", c.name, child); err != nil {
				return err
			}
		}
		for _, flag := range c.flags {
			if _, err := fmt.Fprintf(w, "complete -c megl-edge -n '__fish_seen_subcommand_from %s' -l %s\n", c.name, strings.TrimPrefix(flag, "--")); err != nil {
				return err
			}
		}
	}
	return nil
}

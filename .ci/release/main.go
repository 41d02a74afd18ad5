// Command release builds what a release consists of: static binaries for all targets, Debian
// packages, a list of what is in them (SBOM, CycloneDX), and the SHA-256 of each file. The
// same commit gives the same bytes on every machine.
//
//	go -C .ci/release run . --version 1.2.3 --output dist
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

func main() {
	r := release{}
	flag.StringVar(&r.version, "version", "", "version, such as 1.2.3")
	flag.StringVar(&r.output, "output", "", "folder to write, which must not exist")
	flag.StringVar(&r.root, "root", "../..", "folder of the repository")
	only := flag.String("targets", "", "targets to build, such as linux/arm64,linux/arm; all by default")
	flag.Parse()
	if err := r.run(*only); err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

// release is one run.
type release struct {
	version, output, root string
	made                  time.Time // of the commit: what all files are dated with
	files                 []string  // that were written, in the output folder
}

func (r *release) run(only string) error {
	if r.version == "" || r.output == "" {
		return errors.New("give --version and --output")
	}
	targets, err := chosen(only)
	if err != nil {
		return err
	}
	if r.made, err = commitTime(r.root); err != nil {
		return err
	}
	if err := os.Mkdir(r.output, 0o755); err != nil {
		return err
	}
	if r.output, err = filepath.Abs(r.output); err != nil {
		return err
	}
	for _, t := range targets {
		binary, err := r.build(t)
		if err != nil {
			return fmt.Errorf("%s: %w", t.name(), err)
		}
		if err := r.billOfMaterials(t, binary); err != nil {
			return fmt.Errorf("%s: %w", t.name(), err)
		}
		if t.debian != "" {
			if err := r.debianPackage(t, binary); err != nil {
				return fmt.Errorf("%s: %w", t.name(), err)
			}
		}
	}
	return r.checksums()
}

// target is a system that binaries are made for.
type target struct {
	system, architecture string
	variant              string // a variable of the Go tools, if one matters
	debian               string // name of the architecture in Debian; "" where there is no package
}

func (t target) name() string { return t.system + "/" + t.architecture }

var all = []target{
	{"linux", "amd64", "GOAMD64=v1", "amd64"},
	{"linux", "arm64", "GOARM64=v8.0", "arm64"},
	{"linux", "arm", "GOARM=7", "armhf"},
	{"linux", "386", "GO386=sse2", "i386"},
	{"linux", "riscv64", "GORISCV64=rva20u64", "riscv64"},
	{"darwin", "arm64", "", ""},
	{"windows", "amd64", "GOAMD64=v1", ""},
}

func chosen(only string) ([]target, error) {
	if only == "" {
		return all, nil
	}
	var some []target
	for name := range strings.SplitSeq(only, ",") {
		found := false
		for _, t := range all {
			if t.name() == name {
				some, found = append(some, t), true
			}
		}
		if !found {
			return nil, fmt.Errorf("no target %q", name)
		}
	}
	return some, nil
}

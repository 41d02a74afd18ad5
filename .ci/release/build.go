package main

import (
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// commitTime returns when the commit was made: SOURCE_DATE_EPOCH, where it is set, or what
// git says.
func commitTime(root string) (time.Time, error) {
	text := os.Getenv("SOURCE_DATE_EPOCH")
	if text == "" {
		out, err := exec.Command("git", "-C", root, "log", "-1", "--format=%ct").Output()
		if err != nil {
			return time.Time{}, fmt.Errorf("git: %w: set SOURCE_DATE_EPOCH where there is no repository", err)
		}
		text = strings.TrimSpace(string(out))
	}
	seconds, err := strconv.ParseInt(text, 10, 64)
	return time.Unix(seconds, 0).UTC(), err
}

// build makes a static binary without paths of this machine in it.
func (r *release) build(t target) (string, error) {
	name := fmt.Sprintf("megl-edge-%s-%s-%s", r.version, t.system, t.architecture)
	if t.system == "windows" {
		name += ".exe"
	}
	path := filepath.Join(r.output, name)
	build := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w -buildid= -X main.release="+r.version, "-o", path, "./cmd/megl-edge")
	build.Dir = r.root
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=", "GOOS="+t.system, "GOARCH="+t.architecture)
	if t.variant != "" {
		build.Env = append(build.Env, t.variant)
	}
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		return "", err
	}
	r.files = append(r.files, name)
	return path, nil
}

// checksums writes the SHA-256 of all files, as `sha256sum --check` reads them.
func (r *release) checksums() error {
	slices.Sort(r.files)
	var lines strings.Builder
	for _, name := range r.files {
		content, err := os.ReadFile(filepath.Join(r.output, name))
		if err != nil {
			return err
		}
		fmt.Fprintf(&lines, "%x  %s\n", sha256.Sum256(content), name)
	}
	return os.WriteFile(filepath.Join(r.output, "SHA256SUMS"), []byte(lines.String()), 0o644)
}

package main

import (
	"bytes"
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"

	"github.com/goreleaser/nfpm/v2"
	"github.com/goreleaser/nfpm/v2/deb"
	"github.com/goreleaser/nfpm/v2/files"
)

//go:embed postinst.sh
var afterInstall []byte

//go:embed prerm.sh
var beforeRemove []byte

// debianPackage packs a binary with its service, which is installed but not started.
func (r *release) debianPackage(t target, binary string) error {
	work, err := os.MkdirTemp("", "megl-edge-deb")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	unit, err := r.unit(work)
	if err != nil {
		return err
	}
	scripts := map[string][]byte{"postinst": afterInstall, "prerm": beforeRemove}
	for name, text := range scripts {
		if err := os.WriteFile(filepath.Join(work, name), text, 0o755); err != nil {
			return err
		}
	}
	file := func(source, destination string, mode os.FileMode) *files.Content {
		return &files.Content{Source: source, Destination: destination, FileInfo: &files.ContentFileInfo{Mode: mode, MTime: r.made, Owner: "root", Group: "root"}}
	}
	info := nfpm.WithDefaults(&nfpm.Info{
		Name: "megl-edge", Arch: t.debian, Platform: "linux", Version: r.version, Section: "science", Priority: "optional",
		Maintainer: "The megl-edge authors <megl-edge@localhost>", License: "Apache-2.0", MTime: r.made, DisableGlobbing: true,
		Description: "explainable vision on the device\n Says what is on a photo, where that can be seen, and why; learns from corrections.",
		Overridables: nfpm.Overridables{
			Recommends: []string{"adduser"},
			Scripts:    nfpm.Scripts{PostInstall: filepath.Join(work, "postinst"), PreRemove: filepath.Join(work, "prerm")},
			Contents: files.Contents{
				file(binary, "/usr/bin/megl-edge", 0o755),
				file(unit, "/usr/lib/systemd/system/megl-edge.service", 0o644),
				file(filepath.Join(r.root, "README.md"), "/usr/share/doc/megl-edge/README.md", 0o644),
				file(filepath.Join(r.root, "MODEL_CARD.md"), "/usr/share/doc/megl-edge/MODEL_CARD.md", 0o644),
				file(filepath.Join(r.root, "LICENSE"), "/usr/share/doc/megl-edge/copyright", 0o644),
			},
		},
	})
	scriptFolder := filepath.Join(r.root, "cmd/megl-edge/scripts")
	entries, err := os.ReadDir(scriptFolder)
	if err != nil {
		return err
	}
	for _, e := range entries {
		info.Contents = append(info.Contents, file(filepath.Join(scriptFolder, e.Name()), "/usr/share/megl-edge/scripts/"+e.Name(), 0o644))
	}
	if err := nfpm.PrepareForPackager(info, "deb"); err != nil {
		return err
	}
	var content bytes.Buffer
	if err := deb.Default.Package(info, &content); err != nil {
		return err
	}
	name := fmt.Sprintf("megl-edge_%s_%s.deb", r.version, t.debian)
	r.files = append(r.files, name)
	return os.WriteFile(filepath.Join(r.output, name), content.Bytes(), 0o644)
}

// unit writes what `megl-edge service print` prints, with a program for this machine.
func (r *release) unit(work string) (string, error) {
	service := exec.Command("go", "run", "./cmd/megl-edge", "service", "print")
	service.Dir = r.root
	service.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+runtime.GOOS, "GOARCH="+runtime.GOARCH)
	service.Stderr = os.Stderr
	text, err := service.Output()
	if err != nil {
		return "", err
	}
	path := filepath.Join(work, "megl-edge.service")
	return path, os.WriteFile(path, text, 0o644)
}

package main

import (
	"bytes"
	"crypto/sha256"
	"debug/buildinfo"
	"fmt"
	"os"
	"path/filepath"

	"github.com/CycloneDX/cyclonedx-go"
)

// billOfMaterials writes which modules a binary is made of, as the binary itself says, in
// CycloneDX 1.6.
func (r *release) billOfMaterials(t target, binary string) error {
	info, err := buildinfo.ReadFile(binary)
	if err != nil {
		return err
	}
	content, err := os.ReadFile(binary)
	if err != nil {
		return err
	}
	product := cyclonedx.Component{
		BOMRef: "megl-edge", Type: cyclonedx.ComponentTypeApplication, Name: "megl-edge", Version: r.version,
		Licenses: &cyclonedx.Licenses{{License: &cyclonedx.License{ID: "Apache-2.0"}}},
		Hashes:   &[]cyclonedx.Hash{{Algorithm: cyclonedx.HashAlgoSHA256, Value: fmt.Sprintf("%x", sha256.Sum256(content))}},
	}
	bill := cyclonedx.NewBOM()
	// A serial number would be another one each time.
	bill.Metadata = &cyclonedx.Metadata{Timestamp: r.made.Format("2006-01-02T15:04:05Z"), Component: &product}
	components := []cyclonedx.Component{{
		BOMRef: "std", Type: cyclonedx.ComponentTypeLibrary, Name: "std", Version: info.GoVersion, PackageURL: "pkg:golang/std@" + info.GoVersion[2:],
	}}
	references := []string{"std"}
	for _, m := range info.Deps {
		if m.Replace != nil {
			m = m.Replace
		}
		url := "pkg:golang/" + m.Path + "@" + m.Version
		components = append(components, cyclonedx.Component{
			BOMRef: url, Type: cyclonedx.ComponentTypeLibrary, Name: m.Path, Version: m.Version, PackageURL: url,
			Properties: &[]cyclonedx.Property{{Name: "go:sum", Value: m.Sum}},
		})
		references = append(references, url)
	}
	// The model that the binary carries is a part of it, too.
	model, err := os.ReadFile(filepath.Join(r.root, "cmd/megl-edge/objects.megl"))
	if err != nil {
		return err
	}
	components = append(components, cyclonedx.Component{
		BOMRef: "objects.megl", Type: cyclonedx.ComponentTypeMachineLearningModel, Name: "objects.megl", Version: r.version,
		Description: "The built-in model; MODEL_CARD.md tells its data and licences.",
		Hashes:      &[]cyclonedx.Hash{{Algorithm: cyclonedx.HashAlgoSHA256, Value: fmt.Sprintf("%x", sha256.Sum256(model))}},
	})
	references = append(references, "objects.megl")
	bill.Components = &components
	bill.Dependencies = &[]cyclonedx.Dependency{{Ref: "megl-edge", Dependencies: &references}}
	var text bytes.Buffer
	if err := cyclonedx.NewBOMEncoder(&text, cyclonedx.BOMFileFormatJSON).SetPretty(true).EncodeVersion(bill, cyclonedx.SpecVersion1_6); err != nil {
		return err
	}
	name := filepath.Base(binary) + ".cdx.json"
	r.files = append(r.files, name)
	return os.WriteFile(filepath.Join(r.output, name), text.Bytes(), 0o644)
}

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var subcommands = []string{"import", "export", "quantize", "classify", "explain", "inspect", "train", "calibrate", "eval", "experiment", "data", "bench", "verify", "models", "service", "run", "cpu", "version", "completion"}

func TestEverySubcommandHasHelpWithExample(t *testing.T) {
	overview := done(t, "--help")
	for _, name := range subcommands {
		if !strings.Contains(overview, "\n  "+name+" ") {
			t.Errorf("--help does not list %s", name)
		}
		help := done(t, name, "-h")
		if !strings.Contains(help, "Usage: megl-edge "+name) || !strings.Contains(help, "Example:\n  megl-edge "+name) {
			t.Errorf("%s -h has no usage or example:\n%s", name, help)
		}
	}
	if got := done(t); got != overview {
		t.Error("without arguments the help is not shown")
	}
}

func TestMistakesAreOneLine(t *testing.T) {
	t.Setenv("MEGL_MODEL", "")
	text := written(t, "photo.jpg", []byte("this is no photo, whatever its name says"))
	folder := t.TempDir()
	refused(t, "unknown flag --jsn", "classify", "--jsn", text)
	refused(t, "did you mean", "clasify", text)
	refused(t, `expected "<photo>`, "classify")
	refused(t, "no such file", "classify", "--model", filepath.Join(folder, "absent.megl"), text)
	refused(t, "is a directory", "classify", "--model", folder, text)
	refused(t, "no safetensors file", "inspect", text)
	refused(t, "no such file", "import", filepath.Join(folder, "absent.tflite"), "-o", filepath.Join(folder, "x.megl"))
	refused(t, "is a directory", "import", folder, "-o", filepath.Join(folder, "x.megl"))
	refused(t, "is empty", "import", written(t, "empty.tflite", nil), "-o", filepath.Join(folder, "x.megl"))
	refused(t, "not a regular file", "import", os.DevNull, "-o", filepath.Join(folder, "x.megl"))
	refused(t, "--runs 0", "bench", "--runs", "0", text)
	refused(t, "--top 0", "explain", "--top", "0", text)
	refused(t, "--opacity 2", "explain", "--opacity", "2", text)
	refused(t, "--colours", "explain", "--colours", "rainbow", text)
	refused(t, "must be one of", "completion", "powershell")
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) != 0 {
		t.Errorf("mistakes left %v behind (%v)", entries, err)
	}
}

func TestVersionAndCPU(t *testing.T) {
	if got := decoded[versionResult](t, done(t, "version", "--json")); got.Schema != "megl-edge/version/1" || got.Version == "" {
		t.Errorf("version says %+v", got)
	}
	cpu := decoded[cpuResult](t, done(t, "cpu", "--json"))
	if cpu.Schema != "megl-edge/cpu/1" || cpu.Level == "" || len(cpu.Levels) == 0 || cpu.Levels[0] != "ref" {
		t.Errorf("cpu says %+v", cpu)
	}
	if text := done(t, "cpu"); !strings.Contains(text, "in use     "+cpu.Level) {
		t.Errorf("cpu prints %q", text)
	}
}

func TestCompletionKnowsEverySubcommand(t *testing.T) {
	for _, shell := range []string{"bash", "zsh", "fish"} {
		script := done(t, "completion", shell)
		for _, name := range subcommands {
			if !strings.Contains(script, name) {
				t.Errorf("%s: %s is missing", shell, name)
			}
		}
		if !strings.Contains(script, "opacity") {
			t.Errorf("%s: the flags of explain are missing", shell)
		}
	}
}

func TestFindClass(t *testing.T) {
	labels := []string{"tench, Tinca tinca", "goldfish", "crane", "drake", "crane"}
	for name, want := range map[string]int{"goldfish": 1, "TENCH": 0, "tinca tinca": 0, "tench, tinca tinca": 0, "#4": 4, "drake": 3} {
		if got, err := findClass(labels, name); err != nil || got != want {
			t.Errorf("%q is class %d (%v), want %d", name, got, err, want)
		}
	}
	for name, phrase := range map[string]string{
		"crane":   "#2 (crane), #4 (crane)",
		"goldfsh": `nearest names are "goldfish"`,
		"tenhc":   `nearest names are "tench, Tinca tinca"`,
		"#5":      "#0 to #4",
	} {
		if _, err := findClass(labels, name); err == nil || !strings.Contains(err.Error(), phrase) {
			t.Errorf("%q: %v, want %q", name, err, phrase)
		}
	}
}

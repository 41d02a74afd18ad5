package megledge

import (
	"bytes"
	"encoding/json"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "megl-edge"

// diagram is who may import whom: a room may import the ones on the right of its
// arrow, and what lies inside itself. "gradcam/render" is a room of its own
// because it must not know any network. Rooms that do not exist yet have their
// line already.
const diagram = `
cmd/megl-edge     -> train sdtg quant gradcam runtime kernels
train             -> sdtg quant gradcam runtime kernels
sdtg              -> gradcam runtime kernels
quant             -> gradcam runtime kernels
gradcam           -> runtime
gradcam/render    ->
gradcam/mapmetric -> gradcam/render
runtime           -> kernels
runtime/graph     -> runtime/tensor
runtime/tensor    ->
runtime/vision    ->
runtime/atomicfile ->
kernels           ->
kernels/asm       ->
`

// outside is what each room may import from other modules; all may import the
// standard library except what onlyCommand lists.
var outside = map[string][]string{
	"cmd/megl-edge": {"github.com/alecthomas/kong", "github.com/klauspost/cpuid/v2",
		"github.com/d5/tengo/v2", "github.com/d5/tengo/v2/stdlib", "github.com/d5/tengo/v2/stdlib/json",
	},
	"runtime": {"golang.org/x/sys/unix", "github.com/google/flatbuffers/go", "google.golang.org/protobuf/encoding/protowire"},
	"runtime/vision": {
		"golang.org/x/image/bmp", "golang.org/x/image/webp",
	},
	"runtime/atomicfile": {"golang.org/x/sys/unix"},
	"train":              {"github.com/minio/simdjson-go"},
	"kernels/asm":        {"github.com/klauspost/cpuid/v2"},
	"kernels":            {"golang.org/x/sys/unix"}, // guard pages of the test harness
}

// onlyCommand is what libraries leave to the command: printing, logging, flags.
var onlyCommand = []string{"log", "log/slog", "flag", "net/http"}

// topLevel is all that may lie in the top folder.
var topLevel = []string{
	".ci", ".git", ".gitignore", "BENCHMARKS.md", "CHANGELOG.md", "DESIGN.md", "LICENSE", "MODEL_CARD.md", "README.md",
	"cmd", "go.mod", "go.sum", "gradcam", "kernels", "layout_test.go", "quant", "runtime", "sdtg", "testdata", "train",
}

func TestTopLevel(t *testing.T) {
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		// What the ignore file names is a build output.
		if !slices.Contains(topLevel, e.Name()) && !ignored(t, e.Name()) {
			t.Errorf("%s does not belong in the top folder", e.Name())
		}
	}
}

func ignored(t *testing.T, name string) bool {
	t.Helper()
	lines, err := os.ReadFile(".gitignore")
	if err != nil {
		t.Fatal(err)
	}
	return slices.Contains(strings.Fields(string(lines)), "/"+name) || slices.Contains(strings.Fields(string(lines)), "/"+name+"/")
}

func TestImportsOnlyPointDown(t *testing.T) {
	allowed := parseDiagram(t)
	packages := listPackages(t)
	if len(packages) < 10 {
		t.Fatalf("go list found %d packages only", len(packages))
	}
	for _, p := range packages {
		from := roomOf(allowed, strings.TrimPrefix(p.ImportPath, module+"/"))
		if from == "" {
			if p.ImportPath != module {
				t.Errorf("%s is in no room of the diagram", p.ImportPath)
			}
			continue
		}
		for _, imported := range p.Imports {
			checkImport(t, allowed, p.ImportPath, from, imported)
		}
	}
}

func checkImport(t *testing.T, allowed map[string][]string, path, from, imported string) {
	t.Helper()
	if inner, ok := strings.CutPrefix(imported, module+"/"); ok {
		if to := roomOf(allowed, inner); !mayImport(allowed, from, to) {
			t.Errorf("%s imports %s: no arrow leads from %s to %s", path, imported, from, to)
		}
		return
	}
	if !strings.Contains(strings.Split(imported, "/")[0], ".") {
		if from != "cmd/megl-edge" && slices.Contains(onlyCommand, imported) {
			t.Errorf("%s imports %s: only the command may", path, imported)
		}
		return
	}
	if !slices.Contains(outside[from], imported) {
		t.Errorf("%s imports %s, which room %s may not", path, imported, from)
	}
}

// mayImport tells whether an arrow leads from one room to another, or to a room
// that the other one lies in.
func mayImport(allowed map[string][]string, from, to string) bool {
	if from == to {
		return true
	}
	// A room may use the rooms that lie inside itself.
	if strings.HasPrefix(to, from+"/") {
		return true
	}
	return slices.ContainsFunc(allowed[from], func(room string) bool {
		return to == room || strings.HasPrefix(to, room+"/")
	})
}

// roomOf returns the innermost room that a package lies in.
func roomOf(allowed map[string][]string, path string) string {
	best := ""
	for room := range allowed {
		if (path == room || strings.HasPrefix(path, room+"/")) && len(room) > len(best) {
			best = room
		}
	}
	return best
}

func parseDiagram(t *testing.T) map[string][]string {
	t.Helper()
	allowed := map[string][]string{}
	for line := range strings.Lines(strings.TrimSpace(diagram)) {
		from, to, ok := strings.Cut(line, "->")
		if !ok {
			t.Fatalf("no arrow in %q", line)
		}
		allowed[strings.TrimSpace(from)] = strings.Fields(to)
	}
	return allowed
}

type listed struct {
	ImportPath string
	Imports    []string
}

func listPackages(t *testing.T) []listed {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", "./...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var packages []listed
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := d.Decode(&p); err == io.EOF {
			return packages
		} else if err != nil {
			t.Fatal(err)
		}
		packages = append(packages, p)
	}
}

// Every package says in doc.go, or for a command's helper in its one file, what
// it is for.
func TestEveryPackageHasDoc(t *testing.T) {
	out, err := exec.Command("go", "list", "-f", "{{.ImportPath}}\t{{.Doc}}", "./...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	for line := range strings.Lines(string(out)) {
		path, doc, _ := strings.Cut(strings.TrimSpace(line), "\t")
		if doc == "" && path != module {
			t.Errorf("%s has no package comment", path)
		}
	}
}

// Assembly is written by hand, in one place.
func TestAssemblyLivesInOneRoom(t *testing.T) {
	err := fs.WalkDir(os.DirFS("."), ".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.HasSuffix(path, ".s") && !strings.HasPrefix(path, "kernels/asm/") {
			t.Errorf("%s: assembly belongs in kernels/asm", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

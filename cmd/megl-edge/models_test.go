package main

import (
	"bufio"
	"bytes"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/model"
	"megl-edge/runtime/tensor"
	"megl-edge/train/slot"
)

// goldenSet writes some real photos of four classes, with masks and sentences; rotate
// gives each photo the label of another class.
func goldenSet(t testing.TB, rotate bool) string {
	t.Helper()
	source := shared(t, "data", "objectme_mini", "val.jsonl")
	f, err := os.Open(source)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	labels := []string{"butterfly", "dolphin", "bonsai", "flamingo"}
	const most = 3
	counts := map[string]int{}
	var rows bytes.Buffer
	encoder := json.NewEncoder(&rows)
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var row map[string]any
		if err := json.Unmarshal(lines.Bytes(), &row); err != nil {
			t.Fatal(err)
		}
		for i, label := range labels {
			if row["label"] != label || counts[label] == most {
				continue
			}
			counts[label]++
			for _, key := range []string{"image", "mask"} {
				if path, ok := row[key].(string); ok {
					row[key] = filepath.Join(filepath.Dir(source), path)
				}
			}
			if rotate {
				row["label"] = labels[(i+counts[label]%3+1)%len(labels)]
			}
			if err := encoder.Encode(row); err != nil {
				t.Fatal(err)
			}
		}
	}
	return written(t, "golden.jsonl", rows.Bytes())
}

// builtinFile writes the built-in model, changed in some way.
func builtinFile(t testing.TB, change func(m *model.Model)) string {
	t.Helper()
	m, err := model.Parse(builtin)
	if err != nil {
		t.Fatal(err)
	}
	change(m)
	path := filepath.Join(t.TempDir(), "candidate.megl")
	if err := m.Save(path); err != nil {
		t.Fatal(err)
	}
	return path
}

// scrambleMaps moves each cell of the map elsewhere: the answers stay.
func scrambleMaps(t testing.TB, m *model.Model) {
	t.Helper()
	id, _ := m.Graph.Output(model.SaliencyOutput)
	shape := m.Graph.Node(id).Type.Shape
	cells := shape.Elements()
	order := make([]float32, cells*cells)
	for i := range cells {
		order[i*cells+(7*i+3)%cells] = 1
	}
	permutation, err := tensor.Of(tensor.Shape{cells, cells}, order)
	if err != nil {
		t.Fatal(err)
	}
	b := graph.Extend(m.Graph)
	moved := b.Apply(graph.OpMatMul, "", graph.MatMul{}, b.Reshape(id, tensor.Shape{1, cells}), b.Constant("order", permutation))
	b.Output(model.SaliencyOutput, b.Reshape(moved, shape))
	if m.Graph, err = b.Build(); err != nil {
		t.Fatal(err)
	}
}

// failed runs a command that must end with status 1 and one line that holds the phrase.
func failed(t *testing.T, phrase string, args ...string) {
	t.Helper()
	o := megl(t, args...)
	if o.status != statusFailed || strings.Count(o.err, "\n") != 1 || !strings.Contains(o.err, phrase) {
		t.Errorf("megl-edge %s: status %d and %q, want status 1 and one line with %q", strings.Join(args, " "), o.status, o.err, phrase)
	}
}

// A model that is as good becomes current; one that learned shuffled labels, one with
// scrambled maps and one with a changed byte are refused, each with its reason, and the
// current one stays.
func TestModels(t *testing.T) {
	needsSpeed(t)
	golden, store := goldenSet(t, false), filepath.Join(t.TempDir(), "store")
	good := builtinFile(t, func(*model.Model) {})
	promote := func(file string) []string {
		return []string{"models", "promote", file, "--store", store, "--golden", golden, "--trial-runs", "1", "--max-latency", "20"}
	}
	if out := done(t, promote(good)...); !strings.Contains(out, "generation 1 is current") {
		t.Errorf("promote prints %q", out)
	}
	worse := filepath.Join(t.TempDir(), "worse.megl")
	done(t, "train", "--data", goldenSet(t, true), "-o", worse, "--epochs", "6", "--freeze", "backbone", "--rate", "0.01", "--no-augment")
	failed(t, "refused: accuracy", promote(worse)...)
	o := megl(t, append([]string{"models", "gate", builtinFile(t, func(m *model.Model) { scrambleMaps(t, m) })}, promote("")[3:7]...)...)
	if o.status != statusFailed || !strings.Contains(o.err, "refused: mean IoU") || !strings.Contains(o.out, "refused") {
		t.Errorf("gate prints %q, %q, status %d", o.out, o.err, o.status)
	}
	whole, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range []int{len(whole) - 5, bytes.Index(whole, []byte("butterfly")) + 2} {
		tampered := bytes.Clone(whole)
		tampered[at] ^= 4
		refused(t, "damaged or was changed", promote(written(t, "tampered.megl", tampered))...)
	}
	if got := done(t, "models", "list", "--store", store); strings.Count(got, "\n") != 1 || !strings.Contains(got, "current") {
		t.Errorf("list prints %q", got)
	}

	done(t, promote(builtinFile(t, func(m *model.Model) { m.Provenance.Note = "again" }))...)
	shown := decoded[modelsShowResult](t, done(t, "models", "show", "--store", store, "--json"))
	if len(shown.Chain) != 2 || shown.Chain[0].Origin.Note != "again" || shown.Chain[0].Parent.Generation != 1 || len(shown.Chain[0].Gate) == 0 {
		t.Errorf("show prints %+v", shown)
	}
	if got := done(t, "models", "list", "--store", store); !strings.Contains(got, "on trial: 0 of 1") {
		t.Errorf("list prints %q", got)
	}
	photo := "../../testdata/butterfly.png"
	if got := done(t, "explain", "--store", store, "--json", photo); got != done(t, "explain", "--json", photo) {
		t.Errorf("the store's model explains otherwise: %q", got)
	}
	if got := done(t, "models", "list", "--store", store); strings.Contains(got, "on trial") {
		t.Errorf("after a good run list prints %q", got)
	}
	if got := done(t, "models", "rollback", "--store", store); !strings.Contains(got, "generation 1 is current again, after 2") {
		t.Errorf("rollback prints %q", got)
	}
	if got := done(t, "models", "prune", "--store", store, "--keep", "0"); !strings.Contains(got, "1 generation deleted") {
		t.Errorf("prune prints %q", got)
	}
	refused(t, "no earlier generation", "models", "rollback", "--store", store)
	refused(t, "is no store of models", "models", "list", "--store", t.TempDir())
	refused(t, "give one of them", "explain", "-m", good, "--store", store, photo)
}

// keys writes a key pair as openssl does.
func keys(t testing.TB) (private, public string) {
	t.Helper()
	pub, priv, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(priv)
	if err != nil {
		t.Fatal(err)
	}
	pubDER, err := x509.MarshalPKIXPublicKey(pub)
	if err != nil {
		t.Fatal(err)
	}
	return written(t, "key.pem", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})),
		written(t, "key.pub.pem", pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: pubDER}))
}

func TestSignatures(t *testing.T) {
	private, public := keys(t)
	_, stranger := keys(t)
	m, photo := builtinFile(t, func(*model.Model) {}), drawn(t, 20, 20)
	refused(t, "has no signature", "classify", "-m", m, photo, "--require-signature", public)
	done(t, "models", "sign", m, "--key", private)
	done(t, "classify", "-m", m, photo, "--require-signature", public)
	refused(t, "its signature is not by", "classify", "-m", m, photo, "--require-signature", stranger)
	refused(t, `holds no PEM block "PUBLIC KEY"`, "classify", "-m", m, photo, "--require-signature", private)
	refused(t, "the built-in model has none", "classify", photo, "--require-signature", public)
	if openssl, err := exec.LookPath("openssl"); err == nil {
		out, err := exec.Command(openssl, "pkeyutl", "-verify", "-pubin", "-inkey", public, "-rawin", "-in", m, "-sigfile", m+".sig").CombinedOutput()
		if err != nil {
			t.Errorf("openssl: %s", out)
		}
	}
	changed, err := os.ReadFile(m)
	if err != nil {
		t.Fatal(err)
	}
	changed[len(changed)-1] ^= 1
	if err := os.WriteFile(m, changed, 0o600); err != nil {
		t.Fatal(err)
	}
	refused(t, "the file was changed", "classify", "-m", m, photo, "--require-signature", public)
}

// A row for each photo, which says what was printed; where no row can be written,
// explaining goes on and says so.
func TestPredictionLog(t *testing.T) {
	photo, log := "../../testdata/butterfly.png", filepath.Join(t.TempDir(), "log.jsonl")
	done(t, "explain", "--json", photo, photo, "--prediction-log", log)
	done(t, "classify", photo, "--prediction-log", log)
	text, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	said := decoded[classifyResult](t, done(t, "classify", "--json", photo)).Top[0]
	if want := fmt.Sprintf(`"label":%q,"probability":%v,`, said.Label, said.Probability); !strings.Contains(lines[2], want) || !strings.Contains(lines[0], want) {
		t.Errorf("the log is %s, want %s", text, want)
	}
	if len(lines) != 3 || !strings.Contains(lines[1], `"label":"butterfly"`) || !strings.Contains(lines[1], "so it is a butterfly") {
		t.Errorf("the log is %s", text)
	}
	if got := done(t, "models", "audit", log); !strings.Contains(got, "3 rows, none changed") {
		t.Errorf("audit prints %q", got)
	}
	changed := strings.Replace(string(text), `"label":"butterfly"`, `"label":"dragonfly"`, 1)
	failed(t, "was changed", "models", "audit", written(t, "log", []byte(changed)))
	folder := t.TempDir()
	o := megl(t, "explain", "--json", photo, photo, "--prediction-log", folder)
	if o.status != statusDone || strings.Count(o.err, "\n") != 1 || strings.Count(o.out, `"unlogged":true`) != 2 {
		t.Errorf("status %d, %q, %q", o.status, o.err, o.out)
	}
}

// A generation that crashes on trial is left: processes that are killed before they end
// count, and the next one says so and explains.
func TestCrashesOnTrial(t *testing.T) {
	store := t.TempDir()
	for range 2 {
		candidate, err := slot.Open(store).Stage(bytes.NewReader(builtin), nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := candidate.Promote("", model.Provenance{}, nil, &slot.Trial{Crashes: 2, Runs: 9}, time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	binary := filepath.Join(t.TempDir(), "megl-edge")
	if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for range 2 {
		// A process that waits for a request has loaded the model.
		cmd := exec.Command(binary, "explain", "--store", store, "--stdin")
		in, err := cmd.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		out, err := cmd.StdoutPipe()
		if err == nil {
			err = cmd.Start()
		}
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(in, `"../../testdata/butterfly.png"`)
		if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}
	o := megl(t, "explain", "--store", store, "--json", "../../testdata/butterfly.png")
	if o.status != statusDone || !strings.Contains(o.err, "generation 2 crashed 2 times: back to generation 1") || !strings.Contains(o.out, "butterfly") {
		t.Errorf("status %d, %q, %q", o.status, o.err, o.out)
	}
	if got := done(t, "models", "list", "--store", store); !strings.Contains(got, "1  current") {
		t.Errorf("list prints %q", got)
	}
}

// A clock that stands before the last promotion is told of, and changes nothing.
func TestClockThatJumpedBack(t *testing.T) {
	s := slot.Open(t.TempDir())
	noon := time.Date(2030, 1, 1, 12, 0, 0, 0, time.UTC)
	for i, at := range []time.Time{noon, noon.AddDate(-9, 0, 0)} {
		var warnings bytes.Buffer
		(&modelsPromoteCommand{}).checkClock(streams{err: &warnings}, s, at)
		if told := strings.Contains(warnings.String(), "the clock stands before the last promotion"); told != (i == 1) || strings.Count(warnings.String(), "\n") != i {
			t.Errorf("promotion %d: %q", i, &warnings)
		}
		candidate, err := s.Stage(bytes.NewReader(builtin), nil)
		if err != nil {
			t.Fatal(err)
		}
		if r, err := candidate.Promote("", model.Provenance{}, nil, nil, at); err != nil || r.Generation != i+1 {
			t.Errorf("generation %d, %v", r.Generation, err)
		}
	}
	if got := done(t, "explain", "--store", s.Folder(), "--json", "../../testdata/butterfly.png"); !strings.Contains(got, "butterfly") {
		t.Errorf("%q", got)
	}
}

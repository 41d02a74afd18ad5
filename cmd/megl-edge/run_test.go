package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"megl-edge/runtime/model"
	"megl-edge/train/slot"
)

// TestMain lets the test program stand in for the command where that starts itself again.
func TestMain(m *testing.M) {
	if os.Getenv(scriptProcess) != "" {
		os.Exit(run(context.Background(), streams{os.Stdout, os.Stderr, os.Stdin}, os.Args[1:]))
	}
	os.Exit(m.Run())
}

// scripted runs a script with a folder that it may use.
func scripted(t testing.TB, folder, name string, args ...string) outcome {
	t.Helper()
	return megl(t, append([]string{"run", "--allow", folder, "--timeout", "5m", name}, args...)...)
}

func butterfly(t testing.TB) []byte {
	t.Helper()
	content, err := os.ReadFile("../../testdata/butterfly.png")
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func put(t testing.TB, content []byte, path ...string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(path...), content, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestScriptModules(t *testing.T) {
	folder := t.TempDir()
	put(t, butterfly(t), folder, "a.png")
	put(t, []byte("no photo"), folder, "b.png")
	source := `
fmt := import("fmt"); megl := import("megl"); files := import("files"); device := import("device")
at := func(name) { return files.join(args[0], name) }
m := megl.load("built-in")
x := megl.explain(m, at("a.png"), {overlay: at("why.png"), class: "dragonfly"})
fmt.println(len(m.labels), " ", x.class, " ", x.top[0].label, " ", files.exists(at("why.png")))
fmt.println(megl.explain(m, at("b.png")))
fmt.println(is_error(megl.load(at("none.megl"))), is_error(megl.dataset(at("none.jsonl"))))
fmt.println(megl.write_rows(at("rows.jsonl"), [{image: at("a.png"), label: "butterfly"}]))
rows := megl.dataset(at("rows.jsonl"))
fmt.println(len(rows), " ", rows[0].label, " ", files.name(rows[0].image))
scores := megl.evaluate({data: at("rows.jsonl"), quick: true})
fmt.println(scores.accuracy.value, " ", scores.images)
fmt.println(megl.train({data: at("none.jsonl"), output: at("x.megl")}))
files.write(at("note.txt"), "one"); files.append(at("note.txt"), " two")
fmt.println(files.read(at("note.txt")), " ", is_error(files.read(at("none.txt"))), " ", files.move(at("note.txt"), at("noted.txt")), " ", files.list(args[0]))
fmt.println(device.processors() > 0, " ", is_error(megl.models({store: args[0]})))
megl.close(m)
`
	script := written(t, "modules.tengo", []byte(source))
	o := scripted(t, folder, script, folder)
	for _, want := range []string{
		"25 dragonfly butterfly true\n", "b.png: content is not an image", "truetrue\n", "true\n1 butterfly a.png\n", "1 1\n", "no such file",
		`one two true true ["a.png", "b.png", "noted.txt", "rows.jsonl", "why.png"]`, "true true\n",
	} {
		if !strings.Contains(o.out, want) {
			t.Errorf("%q is missing", want)
		}
	}
	if o.status != statusDone || o.err != "" {
		t.Errorf("status %d, %q\n%s", o.status, o.err, o.out)
	}
}

// A script that goes outside of its folders, by whatever way, or that uses a function
// wrongly, ends with its line and status 1.
func TestScriptFaults(t *testing.T) {
	folder, outside := t.TempDir(), t.TempDir()
	put(t, butterfly(t), outside, "secret.png")
	put(t, []byte(`{"image":"`+filepath.Join(outside, "secret.png")+`","label":"butterfly"}`), folder, "rows.jsonl")
	prelude := "megl := import(\"megl\"); files := import(\"files\"); m := megl.load(\"built-in\")\n"
	for source, want := range map[string]string{
		`files.read("/etc/passwd")`:                                 "is in no folder that --allow names",
		`files.write("` + outside + `/x", "")`:                      "is in no folder",
		`files.list("` + folder + `/..")`:                           "is in no folder",
		`files.move("` + folder + `/rows.jsonl", "/tmp/x")`:         "is in no folder",
		`megl.explain(m, "` + outside + `/secret.png")`:             "is in no folder",
		`megl.load("/etc/passwd")`:                                  "is in no folder",
		`megl.load({store: "` + outside + `"})`:                     "is in no folder",
		`megl.evaluate({data: "` + folder + `/rows.jsonl"})`:        "is in no folder", // by way of a row
		`megl.train({data: "x", output: "` + outside + `/x.megl"})`: "is in no folder",
		`megl.train({data: "x", log_file: "/etc/x"})`:               `train has no option "log_file": it has augment, average`,
		`megl.quantize({model: "--help", output: "x"})`:             "is in no folder",
		`megl.train(5)`:                       "invalid type for argument",
		`megl.explain("m", "x")`:              "takes a model",
		`megl.close(m); megl.explain(m, "x")`: "the model is closed",
		`megl.explain(m, "` + folder + `/a.png", {class: "unicorn"})`: "unicorn",
	} {
		o := scripted(t, folder, written(t, "fault.tengo", []byte(prelude+source)))
		if o.status != statusFailed || strings.Count(o.err, "\n") != 1 || !strings.Contains(o.err, want) || !strings.Contains(o.err, "fault.tengo:2:") {
			t.Errorf("%s: status %d, %q, want line 2 and %q", source, o.status, o.err, want)
		}
	}
	if entries, err := os.ReadDir(outside); err != nil || len(entries) != 1 {
		t.Errorf("outside lie %v, %v", entries, err)
	}
	refused(t, "no such file", "run", filepath.Join(folder, "none.tengo"))
	refused(t, "--allow", "run", "--allow", filepath.Join(folder, "none"), filepath.Join(folder, "rows.jsonl"))
	refused(t, "--timeout", "run", "--timeout", "0s", filepath.Join(folder, "rows.jsonl"))
}

// Scripts that a Go process cannot survive end with their own, and one line.
func TestHostileScripts(t *testing.T) {
	needsSpeed(t)
	for source, want := range map[string]string{
		`a := [0]; a[0] = a; copy(a)`:                                       "too deeply",
		`a := [0]; a[0] = a; import("fmt").println(a)`:                      "too deeply",
		strings.Repeat("(", 900_000):                                        "too deeply",
		`a := [1, 1]; for i := 0; i < 40; i++ { a = [a, a] }; b := copy(a)`: "takes more memory",
		`for {}`:                               "takes more time",
		`import("times").sleep(1000000000000)`: "takes more time",
	} {
		start := time.Now()
		o := megl(t, "run", "--timeout", "3s", "--max-memory", "64", written(t, "hostile.tengo", []byte(source)))
		if o.status != statusFailed || strings.Count(o.err, "\n") != 1 || !strings.Contains(o.err, want) || o.out != "" {
			t.Errorf("%.60s: status %d, %q, %q", source, o.status, o.err, o.out)
		}
		if took := time.Since(start); took > time.Minute {
			t.Errorf("%.60s took %v", source, took)
		}
	}
}

// Whoever stops a script stops what it started.
func TestScriptIsCancelled(t *testing.T) {
	folder := t.TempDir()
	put(t, butterfly(t), folder, "a.png")
	put(t, []byte(`{"image":"a.png","label":"butterfly"}`+"\n"+`{"image":"a.png","label":"ant"}`), folder, "rows.jsonl")
	source := `import("fmt").println(import("megl").train({data: args[0] + "/rows.jsonl", output: args[0] + "/x.megl", epochs: 100000}))`
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(time.Second, cancel)
	var out, complaints bytes.Buffer
	start := time.Now()
	status := run(ctx, streams{out: &out, err: &complaints}, []string{"run", "--allow", folder, written(t, "long.tengo", []byte(source)), folder})
	if status != statusFailed || time.Since(start) > time.Minute {
		t.Errorf("status %d after %v: %s%s", status, time.Since(start), &out, &complaints)
	}
}

func TestTriageScript(t *testing.T) {
	folder := t.TempDir()
	for i := range 3 {
		content, err := os.ReadFile(drawn(t, 40+i, 40))
		if err != nil {
			t.Fatal(err)
		}
		put(t, content, folder, string(rune('a'+i))+".png")
	}
	put(t, butterfly(t), folder, "sure.png")
	put(t, []byte("x"), folder, "broken.jpg")
	o := scripted(t, folder, "scripts/triage.tengo", folder, "2")
	rows, err := os.ReadFile(filepath.Join(folder, "to_label.jsonl"))
	if err != nil || o.status != statusDone || strings.Count(string(rows), "\n") != 2 || strings.Contains(string(rows), "sure.png") {
		t.Errorf("status %d, %q, %q, %v\n%s", o.status, o.out, o.err, err, rows)
	}
	if !strings.Contains(o.out, "left out: ") {
		t.Errorf("%q", o.out)
	}
}

func TestWatchScript(t *testing.T) {
	folder := t.TempDir()
	for _, name := range []string{"sure", "doubtful"} {
		if err := os.Mkdir(filepath.Join(folder, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	put(t, butterfly(t), folder, "a.png")
	content, err := os.ReadFile(drawn(t, 40, 40))
	if err != nil {
		t.Fatal(err)
	}
	put(t, content, folder, "b.png")
	o := scripted(t, folder, "scripts/watch.tengo", folder, "2", "0")
	if o.status != statusDone || o.out == "" {
		t.Errorf("status %d, %q, %q", o.status, o.out, o.err)
	}
	for _, path := range []string{"sure/a.png", "doubtful/b.png"} {
		if _, err := os.Stat(filepath.Join(folder, path)); err != nil {
			t.Error(err)
		}
	}
	if log, err := os.ReadFile(filepath.Join(folder, "log.jsonl")); err != nil || strings.Count(string(log), "\n") != 2 || !strings.Contains(string(log), "so it is a butterfly") {
		t.Errorf("%s, %v", log, err)
	}
}

// trainingFolder holds real photos under the names that the scripts expect.
func trainingFolder(t testing.TB, names ...string) string {
	t.Helper()
	folder := t.TempDir()
	rows, err := os.ReadFile(goldenSet(t, false))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		put(t, rows, folder, name)
	}
	return folder
}

func TestSweepScript(t *testing.T) {
	needsSpeed(t)
	folder := trainingFolder(t, "train.jsonl", "val.jsonl")
	o := megl(t, "run", "--allow", folder, "--allow", shared(t, "data"), "scripts/sweep.tengo", folder, "built-in", "1", "0", "1")
	if o.status != statusDone || !strings.Contains(o.out, "take λ ") || strings.Count(o.out, "mean IoU") != 2 {
		t.Errorf("status %d, %q, %q", o.status, o.out, o.err)
	}
	if text, err := os.ReadFile(filepath.Join(folder, "sweep.json")); err != nil || !strings.Contains(string(text), `"lambda":"1"`) {
		t.Errorf("%s, %v", text, err)
	}
}

func TestNightlyScript(t *testing.T) {
	needsSpeed(t)
	folder := trainingFolder(t, "corrections.jsonl", "golden.jsonl")
	candidate, err := slot.Open(filepath.Join(folder, "store")).Stage(bytes.NewReader(builtin), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := candidate.Promote("", model.Provenance{}, nil, nil, time.Now()); err != nil {
		t.Fatal(err)
	}
	nightly := func(load string) outcome {
		return megl(t, "run", "--allow", folder, "--allow", shared(t, "data"), "scripts/nightly.tengo", folder, load, "1000")
	}
	if o := nightly("-1"); o.status != statusDone || !strings.HasPrefix(o.out, "not now: load") {
		t.Errorf("on a busy machine: status %d, %q, %q", o.status, o.out, o.err)
	}
	// All but the time it takes is the same in each run.
	o := nightly("1000")
	if o.status != statusDone || !strings.Contains(o.out, "generation 2 is current") && !strings.Contains(o.out, "refused: latency") {
		t.Errorf("status %d, %q, %q", o.status, o.out, o.err)
	}
	learned, err := model.Load(filepath.Join(folder, "candidate.megl"))
	if err != nil {
		t.Fatal(err)
	}
	defer learned.Close()
	if len(learned.Labels) != 25 || learned.Decoder == nil || len(learned.Provenance.Steps) != 2 {
		t.Errorf("%d classes, decoder %v, made by %+v", len(learned.Labels), learned.Decoder != nil, learned.Provenance.Steps)
	}
}

package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// asked runs a command with something on its standard input.
func asked(t testing.TB, input string, args ...string) outcome {
	t.Helper()
	var out, err bytes.Buffer
	status := run(context.Background(), streams{out: &out, err: &err, in: strings.NewReader(input)}, args)
	return outcome{status, out.String(), err.String()}
}

func TestExplainStdin(t *testing.T) {
	content, err := os.ReadFile("../../testdata/butterfly.png")
	if err != nil {
		t.Fatal(err)
	}
	code := base64.StdEncoding.EncodeToString(content)
	o := asked(t, strings.Join([]string{
		`"../../testdata/butterfly.png"`,
		`{"id": 7, "path": "../../testdata/butterfly.png"}`,
		``,
		`{"id": {"any": "thing"}, "image": "` + code + `"}`,
		`{"id": 8, "path": "nowhere.png"}`,
		`{"id": 9, "image": "bm8gcGhvdG8="}`,
		`{"path": "a", "image": "` + code[:8] + `"}`,
		`{"photo": "a.png"}`,
		`butterfly.png`,
		`"../../testdata/butterfly.png"`, // without line end
	}, "\n"), "explain", "--stdin")
	lines := strings.Split(strings.TrimSpace(o.out), "\n")
	if o.status != statusUsage || !strings.Contains(o.err, "5 of 10 photos could not be used") || len(lines) != 9 {
		t.Fatalf("status %d, %q, %d lines", o.status, o.err, len(lines))
	}
	want := decoded[explainResult](t, done(t, "explain", "--json", "../../testdata/butterfly.png"))
	for i, id := range map[int]string{0: "", 1: "7", 2: `{"any":"thing"}`, 8: ""} {
		r := decoded[explainResult](t, lines[i])
		if string(r.ID) != id || r.Sentence != want.Sentence || r.Class != "butterfly" {
			t.Errorf("answer %d is %s", i, lines[i])
		}
	}
	for i, phrase := range map[int]string{3: "nowhere.png", 4: "line 6", 5: "one of them", 6: "is no request", 7: "is no request"} {
		r := decoded[failure](t, lines[i])
		if r.Schema != "megl-edge/error/1" || !strings.Contains(r.Error, phrase) {
			t.Errorf("answer %d is %s, want %q", i, lines[i], phrase)
		}
	}
	if r := decoded[failure](t, lines[3]); string(r.ID) != "8" || r.Line != 5 {
		t.Errorf("%+v", r)
	}
	refused(t, "one of them", "explain", "--stdin", "a.png")
	refused(t, "give photos", "explain")
}

// watched explains a folder until a number of photos is done.
func watched(t testing.TB, folder string, count int, flags ...string) []string {
	t.Helper()
	args := append([]string{"explain", "--watch", folder, "--json", "--every", "10ms", "--count", fmt.Sprint(count)}, flags...)
	var names []string
	for line := range strings.Lines(done(t, args...)) {
		names = append(names, filepath.Base(decoded[explainResult](t, line).File))
	}
	return names
}

// Each photo is explained once, the oldest first, after a restart too; one that is
// changed is explained again, and one that is being written is waited for.
func TestExplainWatch(t *testing.T) {
	content, err := os.ReadFile("../../testdata/butterfly.png")
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	put := func(name string, age time.Duration) {
		t.Helper()
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		at := time.Now().Add(-age)
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
	}
	put("b.png", time.Hour)
	put("a.png", time.Minute)
	put("notes.txt", 0)
	if got := watched(t, folder, 2); fmt.Sprint(got) != "[b.png a.png]" {
		t.Errorf("explained %v", got)
	}
	put("c.png", 0)
	if got := watched(t, folder, 1); fmt.Sprint(got) != "[c.png]" {
		t.Errorf("after a restart: %v", got)
	}
	put("a.png", 0)
	slow := filepath.Join(folder, "slow.png")
	f, err := os.Create(slow)
	if err != nil {
		t.Fatal(err)
	}
	written := make(chan error)
	go func() {
		var err error
		for part := content; len(part) > 0 && err == nil; {
			n := min(len(part), len(content)/8+1)
			_, err = f.Write(part[:n])
			part = part[n:]
			time.Sleep(4 * time.Millisecond)
		}
		written <- f.Close()
	}()
	if got := watched(t, folder, 2, "--every", "100ms"); fmt.Sprint(got) != "[a.png slow.png]" {
		t.Errorf("of a changed photo and one that is being written: %v", got)
	}
	if err := <-written; err != nil {
		t.Fatal(err)
	}
	// Notes that cannot be written cost one warning.
	elsewhere := filepath.Join(folder, "no", "such", "folder")
	o := megl(t, "explain", "--watch", folder, "--every", "10ms", "--count", "4", "--seen", elsewhere)
	if o.status != statusDone || strings.Count(o.err, "\n") != 1 || !strings.Contains(o.err, "will be again after a restart") {
		t.Errorf("status %d, %q", o.status, o.err)
	}
	refused(t, "is no folder", "explain", "--watch", slow)
	refused(t, "something else", "explain", "--watch", folder, "--seen", filepath.Join(folder, "notes.txt"))
	refused(t, "at least 10ms", "explain", "--watch", folder, "--every", "1ns")
}

// Whoever stops a watch does not wait for the next look.
func TestWatchStops(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	var out, complaints bytes.Buffer
	time.AfterFunc(50*time.Millisecond, cancel)
	start := time.Now()
	status := run(ctx, streams{out: &out, err: &complaints}, []string{"explain", "--watch", t.TempDir(), "--every", "1h"})
	if status != statusDone || time.Since(start) > time.Minute {
		t.Errorf("status %d after %v: %s", status, time.Since(start), &complaints)
	}
}

func TestExplainCameraThatIsNone(t *testing.T) {
	refused(t, "is no camera", "explain", "--camera", written(t, "video0", []byte("no camera")))
}

// The README's way for other languages works as it stands there.
func TestReadmePython(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("there is no Python")
	}
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, code, _ := strings.Cut(string(readme), "```python\n")
	code, _, ok := strings.Cut(code, "```")
	if !ok {
		t.Fatal("the README has no Python")
	}
	binary := filepath.Join(t.TempDir(), "megl-edge")
	if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	code = strings.Replace(code, "./megl-edge", binary, 1) + "print(explain(path='nowhere.png')['error'])\nmegl.stdin.close(); megl.wait()\n"
	command := exec.Command(python, "-c", code)
	command.Dir = "../.."
	out, err := command.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "butterfly The ") || !strings.Contains(string(out), "'width'") || !strings.Contains(string(out), "nowhere.png") {
		t.Errorf("%v: %s", err, out)
	}
}

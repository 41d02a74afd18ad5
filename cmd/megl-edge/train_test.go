package main

import (
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// twoClasses writes a folder for each class, red and blue, with photos that a
// network can tell apart.
func twoClasses(t *testing.T, count int) string {
	t.Helper()
	folder := t.TempDir()
	for class, name := range []string{"blue", "red"} {
		if err := os.Mkdir(filepath.Join(folder, name), 0o700); err != nil {
			t.Fatal(err)
		}
		for i := range count {
			photo := image.NewRGBA(image.Rect(0, 0, 40, 36))
			for p := range photo.Pix {
				photo.Pix[p] = uint8((p*p>>3 + 31*i) % 90)
			}
			for p := 0; p < len(photo.Pix); p += 4 {
				photo.Pix[p+2*(1-class)] += 150
				photo.Pix[p+3] = 255
			}
			photo.Set(i%40, 3, color.White)
			f, err := os.Create(filepath.Join(folder, name, fmt.Sprintf("%d.png", i)))
			if err != nil {
				t.Fatal(err)
			}
			if err := png.Encode(f, photo); err != nil {
				t.Fatal(err)
			}
			f.Close()
		}
	}
	return folder
}

// A network learns two classes from a few photos; eval says so, and a second run
// gives the same file.
func TestTrainAndEval(t *testing.T) {
	needsSpeed(t)
	base := imported(t, "vww_96_float.tflite")
	photos := twoClasses(t, 12)
	folder := t.TempDir()
	first, second := filepath.Join(folder, "a.megl"), filepath.Join(folder, "b.megl")
	log := filepath.Join(folder, "log.jsonl")
	out := done(t, "train", "-m", base, "--data", photos, "--val", photos, "-o", first, "--epochs", "6", "--batch", "6", "--rate", "0.003", "--log", log, "--json")
	r := decoded[trainResult](t, out)
	if r.Steps != 24 || r.Final == nil || r.Final.Accuracy.Value < 0.9 || r.Best < 0 {
		t.Errorf("training says %s", out)
	}
	scores := decoded[evalResult](t, done(t, "eval", "-m", first, "--data", photos, "--json"))
	if scores.Accuracy.Value != r.Final.Accuracy.Value || scores.Images != 24 || scores.MeanIoU != nil || scores.InsertionAUC == nil || scores.RandomisationRank == nil {
		t.Errorf("eval says %+v", scores.Scores)
	}
	if kept := decoded[inspectResult](t, done(t, "inspect", first, "--json")); kept.Metrics["accuracy"] != r.Final.Accuracy.Value || kept.Prior != nil {
		t.Errorf("the file keeps the metrics %v and the prior %v", kept.Metrics, kept.Prior)
	}
	done(t, "train", "-m", base, "--data", photos, "--val", photos, "-o", second, "--epochs", "6", "--batch", "6", "--rate", "0.003", "--threads", "1")
	a, _ := os.ReadFile(first)
	b, _ := os.ReadFile(second)
	if string(a) != string(b) {
		t.Error("a second run, on one thread, wrote another file")
	}
	text, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	var last logLine
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &last); err != nil || len(lines) != 24 || last.Step != 24 || last.Scores == nil {
		t.Errorf("%d lines in the log, the last %+v: %v", len(lines), last, err)
	}
	// A run that is complete has nothing left to do.
	done(t, "train", "-m", base, "--data", photos, "--val", photos, "-o", first, "--epochs", "6", "--batch", "6", "--rate", "0.003", "--resume")
	if c, _ := os.ReadFile(first); string(c) != string(b) {
		t.Error("resuming a complete run changed the model")
	}
}

func TestTrainRefuses(t *testing.T) {
	base, photos := imported(t, "vww_96_float.tflite"), twoClasses(t, 2)
	output := filepath.Join(t.TempDir(), "out.megl")
	one := t.TempDir()
	if err := os.Rename(filepath.Join(photos, "red"), filepath.Join(one, "red")); err != nil {
		t.Fatal(err)
	}
	refused(t, "at least 2 classes", "train", "-m", base, "--data", one, "-o", output)
	photos = twoClasses(t, 2)
	for phrase, flags := range map[string][]string{
		"--freeze":       {"--freeze", "half"},
		"0 epochs":       {"--epochs", "0"},
		"--lambda":       {"--consistency"},
		"no photo":       {"--lambda-visual", "1", "--consistency"},
		"in 4 parts":     {"--batch", "6", "--parts", "4"},
		"no layer":       {"--target", "nowhere"},
		"--threads 1000": {"--threads", "1000"},
	} {
		refused(t, phrase, append([]string{"train", "-m", base, "--data", photos, "-o", output}, flags...)...)
	}
	if _, err := os.Stat(output); err == nil {
		t.Error("a refused run wrote a model")
	}
	refused(t, "is a folder", "train", "-m", base, "--data", photos, "-o", t.TempDir())
	if runtime.GOOS == "linux" { // where not even root can write to /proc
		refused(t, "nothing can be written there", "train", "-m", base, "--data", photos, "-o", "/proc/out.megl")
	}
	refused(t, "no such file", "eval", "-m", base, "--data", filepath.Join(photos, "none"))
}

// An experiment that is done again makes no run again, and prints the same.
func TestExperiment(t *testing.T) {
	needsSpeed(t)
	base := imported(t, "vww_96_float.tflite")
	photos := twoClasses(t, 4)
	runs := filepath.Join(t.TempDir(), "runs.jsonl")
	args := []string{"experiment", "losses", "-m", base, "--data", photos, "--val", photos, "-o", runs,
		"--arms", "none,l1", "--seeds", "2", "--per-class", "2", "--epochs", "1", "--batch", "4"}
	first := done(t, args...)
	if !strings.Contains(first, "| l1 − none | 2 | +") && !strings.Contains(first, "| l1 − none | 2 | -") {
		t.Errorf("the table has no differences:\n%s", first)
	}
	before, err := os.ReadFile(runs)
	if err != nil || strings.Count(string(before), "\n") != 5 {
		t.Fatalf("%v; the file of runs:\n%s", err, before)
	}
	if again := done(t, args...); again != first {
		t.Errorf("the second time it prints\n%s", again)
	}
	if after, err := os.ReadFile(runs); err != nil || string(after) != string(before) {
		t.Error("the second time it changes the file")
	}
	refused(t, "another model, other data or other settings", append(args, "--rate", "0.1")...)
	refused(t, "--seeds 1", append(args, "--seeds", "1")...)
	refused(t, "--arms", append(args, "--arms", "none,l3")...)
}

// Sentences count in the loss where there are some; without any it is said.
func TestTrainWithSentences(t *testing.T) {
	needsSpeed(t)
	base := imported(t, "vww_96_float.tflite")
	photos := twoClasses(t, 3)
	var rows strings.Builder
	for _, class := range []string{"blue", "red"} {
		for i := range 3 {
			fmt.Fprintf(&rows, `{"image":"%s/%d.png","label":"%s","rationales":["This is %s, since all of it is %s, from one side to the other."],"attributes":["all of it","no part"]}`+"\n", class, i, class, class, class)
		}
	}
	path := filepath.Join(photos, "rows.jsonl")
	if err := os.WriteFile(path, []byte(rows.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	out, log := filepath.Join(folder, "x.megl"), filepath.Join(folder, "log.jsonl")
	done(t, "train", "-m", base, "--data", path, "-o", out, "--epochs", "2", "--batch", "6", "--lambda-textual", "0.5", "--vocabulary", "300", "--no-augment", "--log", log)
	lines, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	var losses []float64
	for line := range strings.Lines(string(lines)) {
		var l struct {
			Loss, Prediction, Textual float64
		}
		if err := json.Unmarshal([]byte(line), &l); err != nil || !(l.Textual > 1) || !(l.Loss > l.Prediction) {
			t.Fatalf("%v: %s", err, line)
		}
		losses = append(losses, l.Textual)
	}
	if len(losses) != 2 || losses[1] >= losses[0] {
		t.Errorf("the sentences lack %v", losses)
	}
	if inspected := done(t, "inspect", out); !strings.Contains(inspected, "\nsentences     ") {
		t.Errorf("inspect says\n%s", inspected)
	}
	photo := filepath.Join(photos, "red", "0.png")
	explained := done(t, "explain", "--json", "-m", out, photo)
	if again := done(t, "explain", "--json", "--threads", "3", "-m", out, photo); again != explained {
		t.Errorf("with three threads explain says\n%s, with others\n%s", again, explained)
	}
	x := decoded[explainResult](t, explained)
	if x.Evidence != (x.Sentence != "") {
		t.Errorf("evidence %v, and the sentence %q", x.Evidence, x.Sentence)
	}
	for _, p := range x.Phrases {
		if string([]rune(x.Sentence)[p.Start:p.End]) != p.Text || p.Grounded && (p.Box == nil || p.Score < 0.5) {
			t.Errorf("phrase %+v of %q", p, x.Sentence)
		}
	}
	versus := decoded[explainResult](t, done(t, "explain", "--json", "--class", "red", "--versus", "blue", "-m", out, photo))
	if v := versus.Versus; v == nil || v.Class != "blue" || v.Sentence == "" || slices.Equal(v.Map.Values, versus.Map.Values) && v.Evidence {
		t.Errorf("in contrast to blue: %+v", v)
	}
	refused(t, "the explained class itself", "explain", "--class", "red", "--versus", "red", "-m", out, photo)
	refused(t, "--versus: ", "explain", "--versus", "green", "-m", out, photo)
	refused(t, "--method gradcam only", "explain", "--versus", "blue", "--method", "eigencam", "-m", out, photo)
	other := decoded[explainResult](t, done(t, "explain", "--json", "--method", "eigencam", "-m", out, photo))
	if other.Sentence != "" {
		t.Errorf("a map that the decoder has not learned from says %q", other.Sentence)
	}
	quantized := filepath.Join(folder, "q.megl")
	done(t, "quantize", out, "-o", quantized, "--calibrate", filepath.Join(photos, "red"))
	done(t, "explain", "--json", "-m", quantized, photo)
	refused(t, "no row has a sentence", "train", "-m", base, "--data", twoClasses(t, 2), "-o", out, "--lambda-textual", "1")
	refused(t, "--lambda-textual", "train", "-m", base, "--data", path, "-o", out, "--lambda-textual=-1")
}

// A calibrated model says so, and its probabilities and what is unknown follow.
func TestCalibrate(t *testing.T) {
	needsSpeed(t)
	base, photos := imported(t, "vww_96_float.tflite"), twoClasses(t, 3)
	folder := t.TempDir()
	trained, out := filepath.Join(folder, "t.megl"), filepath.Join(folder, "c.megl")
	done(t, "train", "-m", base, "--data", photos, "-o", trained, "--epochs", "1", "--batch", "6", "--freeze", "backbone")
	photo := filepath.Join(photos, "red", "0.png")
	before := decoded[classifyResult](t, done(t, "classify", "--json", "-m", trained, photo))
	if before.Unknown != nil {
		t.Errorf("a model that was not calibrated says %+v", before.Unknown)
	}
	text := done(t, "calibrate", "-m", trained, "--data", photos, "--val", photos, "-o", out)
	if !strings.Contains(text, "temperature") || !strings.Contains(text, "unknown from") {
		t.Errorf("calibrate prints %q", text)
	}
	after := decoded[classifyResult](t, done(t, "classify", "--json", "-m", out, photo))
	if after.Unknown == nil || after.Top[0].Label != before.Top[0].Label || after.Top[0].Probability == before.Top[0].Probability {
		t.Errorf("calibrated: %+v, before: %+v", after, before)
	}
	if inspected := done(t, "inspect", out); !strings.Contains(inspected, "\nconfidence    temperature") {
		t.Errorf("inspect says\n%s", inspected)
	}
	strange := drawn(t, 60, 60)
	scores := decoded[evalResult](t, done(t, "eval", "-m", out, "--data", photos, "--quick", "--json", "--unrelated", filepath.Dir(strange)))
	if scores.UnknownAUROC == nil || scores.UnknownAUROC.Value < 0 || scores.UnknownAUROC.Value > 1 {
		t.Errorf("eval says %+v", scores.UnknownAUROC)
	}
	x := decoded[explainResult](t, done(t, "explain", "--json", "-m", out, strange))
	if x.Unknown == nil || x.Unknown.Unknown != (x.Unknown.Score > x.Unknown.Threshold) {
		t.Errorf("explain says %+v", x.Unknown)
	}
	refused(t, "no such file", "calibrate", "-m", trained, "--data", photos, "--val", filepath.Join(folder, "none"), "-o", out)
}

// An ablation learns from folds, goes on where it stopped, and gives the rows of the
// paper's table.
func TestAblation(t *testing.T) {
	needsSpeed(t)
	base, photos := imported(t, "vww_96_float.tflite"), twoClasses(t, 4)
	var rows strings.Builder
	for _, class := range []string{"blue", "red"} {
		for i := range 4 {
			photo := fmt.Sprintf("%s/%d.png", class, i)
			fmt.Fprintf(&rows, `{"image":%q,"mask":%q,"label":%q,"rationales":["It is %s."]}`+"\n", photo, photo, class, class)
		}
	}
	path := filepath.Join(photos, "rows.jsonl")
	if err := os.WriteFile(path, []byte(rows.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	runs := filepath.Join(t.TempDir(), "runs.jsonl")
	args := []string{"experiment", "ablation", "-m", base, "--data", path, "-o", runs, "--seeds", "3", "--seeds-of-others", "2",
		"--folds", "2", "--mask-share", "1", "--epochs", "1", "--batch", "4", "--vocabulary", "300"}
	table := done(t, args...)
	for _, row := range []string{"| none | 3 |", "| visual | 2 |", "| text | 2 |", "| visual+text | 2 |", "| all (MEGL) | 3 |", "| all, constant weights | 2 |", "| all (MEGL) − none | 3 |"} {
		if !strings.Contains(table, row) {
			t.Errorf("the table has no row %q:\n%s", row, table)
		}
	}
	content, err := os.ReadFile(runs)
	if err != nil || strings.Count(string(content), "\n") != 1+3+3+4*2 {
		t.Fatalf("%v; the file of runs:\n%s", err, content)
	}
	lines := strings.SplitAfter(string(content), "\n")
	if err := os.WriteFile(runs, []byte(strings.Join(lines[:len(lines)-3], "")), 0o600); err != nil {
		t.Fatal(err)
	}
	if again := done(t, args...); again != table {
		t.Errorf("interrupted it gives\n%s, want\n%s", again, table)
	}
	refused(t, "--folds 1", append(args, "--folds", "1")...)
	refused(t, "--seeds-of-others 1", append(args, "--seeds-of-others", "1")...)
	refused(t, "--lambda-textual 0", append(args, "--lambda-textual", "0")...)
}

// Sentences may be missing, empty, endless, or of any script.
func TestTrainWithAnySentences(t *testing.T) {
	needsSpeed(t)
	base, photos := imported(t, "vww_96_float.tflite"), twoClasses(t, 4)
	sentences := []string{
		`"rationales":[]`, `"rationales":[""]`, `"rationales":["这是蓝色的，从左到右都是蓝色。"]`, `"rationales":["هذا أحمر لأن كل شيء أحمر"]`,
		`"rationales":["🟥🟥🟥 is 🟥"]`, `"rationales":["` + strings.Repeat("word ", 10000) + `"]`, `"attributes":["blue"]`, `"rationales":["The red one."]`,
	}
	var rows strings.Builder
	for i, said := range sentences {
		class := []string{"blue", "red"}[i%2]
		fmt.Fprintf(&rows, `{"image":"%s/%d.png","label":"%s",%s}`+"\n", class, i/2, class, said)
	}
	path := filepath.Join(photos, "rows.jsonl")
	if err := os.WriteFile(path, []byte(rows.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "x.megl")
	o := megl(t, "train", "-m", base, "--data", path, "-o", out, "--epochs", "2", "--batch", "8", "--lambda-textual", "1", "--vocabulary", "300")
	if o.status != statusDone || !strings.Contains(o.err, "longer than 32 tokens, and are cut") {
		t.Fatalf("status %d, and it says\n%s", o.status, o.err)
	}
	for i := range 4 {
		photo := filepath.Join(photos, "red", fmt.Sprintf("%d.png", i))
		x := decoded[explainResult](t, done(t, "explain", "--json", "--beams", "3", "-m", out, photo))
		for _, p := range x.Phrases {
			if string([]rune(x.Sentence)[p.Start:p.End]) != p.Text {
				t.Errorf("phrase %+v of %q", p, x.Sentence)
			}
		}
	}
}

package main

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"image"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// golden is the SHA-256 of what `explain --json` prints for two photos, with
// the names of the files cut to their base: one constant for every processor,
// level and number of threads. A change here is a change of results, to be
// named in the changelog.
var golden = map[string]string{
	"mobilenet_v1_0.25_224_float.tflite":      "e0c444206d634a0f058b18a09acc358042462c3ce334613259544949e5413049",
	"tf2_mobilenet_v2_1.0_224_ptq.tflite":     "f26b17b6130eade08acdfade4ccb620e667c1a2501427131a466d2157e6fe123",
	"mlperf_tiny_resnet8_cifar10_int8.tflite": "8e1d33a6e7d7b65ebcb79ecf99f6e65b3396e12eafd07a7667d4ae011a0a1052",
}

func TestGoldenExplanations(t *testing.T) {
	photos := []string{
		shared(t, "data", "imagenet_sample", "n01440764_tench.JPEG"),
		shared(t, "data", "imagenet_sample", "n02504013_Indian_elephant.JPEG"),
	}
	for name, want := range golden {
		t.Run(name, func(t *testing.T) {
			m := imported(t, name)
			for _, threads := range []string{"1", "2", "7"} {
				out := done(t, append([]string{"explain", "-m", m, "--json", "--threads", threads}, photos...)...)
				out = strings.ReplaceAll(out, filepath.Dir(photos[0])+"/", "")
				sum := sha256.Sum256([]byte(out))
				if got := hex.EncodeToString(sum[:]); got != want {
					t.Errorf("%s threads: %s, want %s; it prints\n%.300s", threads, got, want, out)
				}
			}
		})
	}
}

// goldenBuiltin is the SHA-256 of what explain says of the drawn picture with the model
// that the program carries: class, map, sentence and boxes.
const goldenBuiltin = "ed6289a73c6fa4dbed499073facc417a04ac1b8dd6ddcf7e574e13f0714da71e"

func TestGoldenBuiltin(t *testing.T) {
	photo := filepath.Join("..", "..", "testdata", "butterfly.png")
	for _, threads := range []string{"1", "2", "7"} {
		out := done(t, "explain", "--json", "--threads", threads, "--versus", "dragonfly", photo)
		sum := sha256.Sum256([]byte(strings.ReplaceAll(out, filepath.Dir(photo)+string(filepath.Separator), "")))
		if got := hex.EncodeToString(sum[:]); got != goldenBuiltin {
			t.Errorf("%s threads: %s, want %s; it prints\n%.2000s", threads, got, goldenBuiltin, out)
		}
	}
	x := decoded[explainResult](t, done(t, "explain", "--json", photo))
	if x.Class != "butterfly" || x.Unknown == nil || x.Unknown.Unknown || len(x.Phrases) < 2 {
		t.Errorf("the picture of a butterfly: %s, %+v, %+v", x.Class, x.Unknown, x.Phrases)
	}
	// The butterfly's middle, left in the picture.
	for _, p := range x.Phrases {
		if p.Grounded && !image.Pt(150, 180).In(p.Box.rectangle()) {
			t.Errorf("%q has its evidence at %+v, beside the butterfly", p.Text, *p.Box)
		}
	}
}

// The README shows what its first command prints and draws.
func TestReadmeShowsWhatExplainDoes(t *testing.T) {
	root := filepath.Join("..", "..")
	read := func(path string) []byte {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	out := filepath.Join(t.TempDir(), "butterfly.explained.png")
	printed := done(t, "explain", filepath.Join(root, "testdata", "butterfly.png"), "-o", out)
	printed = strings.ReplaceAll(printed, root+string(filepath.Separator), "")
	printed = strings.ReplaceAll(printed, filepath.Dir(out)+string(filepath.Separator), "")
	if !bytes.Contains(read(filepath.Join(root, "README.md")), []byte("```\n"+printed+"```")) {
		t.Errorf("README.md does not show what the command prints:\n%s", printed)
	}
	if !bytes.Equal(read(out), read(filepath.Join(root, "testdata", "butterfly.explained.png"))) {
		t.Error("README.md shows a picture that explain does not draw")
	}
}

// Top-1 on real photos, one for each of 143 classes. They are likely training
// photos of these networks: this shows that import, preprocessing and kernels
// are right, not how good a network is.
func TestAccuracyOfImportedNetworks(t *testing.T) {
	needsSpeed(t)
	labels := readLines(t, shared(t, "models", "imagenet_labels_1001.txt"))
	rows := readLines(t, shared(t, "data", "imagenet_sample", "labels.tsv"))[1:]
	for name, least := range map[string]float64{
		"tf2_mobilenet_v2_1.0_224_ptq.tflite": 0.85,
		"mobilenet_v2_1.0_224_quant.tflite":   0.87,
		"mobilenet_v1_0.25_224_float.tflite":  0.50,
	} {
		m := imported(t, name, "--labels", shared(t, "models", "imagenet_labels_1001.txt"))
		args := []string{"classify", "-m", m, "--json", "--top", "1"}
		var classes []string
		for _, row := range rows {
			file, class, _ := strings.Cut(row, "\t")
			args = append(args, shared(t, "data", "imagenet_sample", file))
			classes = append(classes, class)
		}
		right := 0
		for i, line := range strings.Split(strings.TrimSpace(done(t, args...)), "\n") {
			// The networks have the class "background" in front.
			if at := slices.Index(labels, decoded[classifyResult](t, line).Top[0].Label); at == atoi(t, classes[i])+1 {
				right++
			}
		}
		accuracy := float64(right) / float64(len(rows))
		t.Logf("%s: top-1 %.3f on %d photos", name, accuracy, len(rows))
		if accuracy < least {
			t.Errorf("%s: top-1 is %.3f, want at least %v", name, accuracy, least)
		}
	}
}

func readLines(t *testing.T, path string) []string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var lines []string
	for s := bufio.NewScanner(f); s.Scan(); {
		lines = append(lines, strings.TrimSpace(s.Text()))
	}
	return lines
}

func atoi(t *testing.T, s string) int {
	t.Helper()
	n := 0
	for _, r := range s {
		if r < '0' || r > '9' {
			t.Fatalf("%q is no number", s)
		}
		n = n*10 + int(r-'0')
	}
	return n
}

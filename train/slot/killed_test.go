package slot_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"megl-edge/runtime/model"
	"megl-edge/runtime/predictionlog"
	"megl-edge/train/slot"
)

// childStore is the environment variable that tells a child process which store to
// change.
const childStore = "MEGL_TEST_SLOT_STORE"

// logFile is where the child logs, in the store.
const logFile = "predictions.log"

// TestChangeInAChild is the program of a child process: it promotes, rolls back, prunes
// and logs until it is killed, and prints what has come to its end.
func TestChangeInAChild(t *testing.T) {
	folder := os.Getenv(childStore)
	if folder == "" {
		t.Skip("this is a part of TestKilledChanges")
	}
	log, err := predictionlog.Open(filepath.Join(folder, logFile))
	if err != nil {
		t.Fatal(err)
	}
	s := slot.Open(folder)
	for i := 0; ; i++ {
		label := fmt.Sprint(os.Getpid(), "-", i)
		if err := log.Append(predictionlog.Prediction{Label: label}); err != nil {
			t.Fatal(err)
		}
		fmt.Println("logged", label)
		switch {
		case i%7 == 3:
			if _, err := s.Prune(1); err != nil {
				t.Fatal(err)
			}
		case i%5 == 4:
			if _, _, err := s.Rollback(); err != nil && !errors.Is(err, slot.ErrNoPrevious) {
				t.Fatal(err)
			}
			fmt.Println("rolled back")
		default:
			c, err := s.Stage(bytes.NewReader(content(label)), []byte(label))
			if err != nil {
				t.Fatal(err)
			}
			if i%3 == 2 {
				if err := c.Discard(); err != nil {
					t.Fatal(err)
				}
				continue
			}
			r, err := c.Promote("v1", model.Provenance{Note: label}, nil, &slot.Trial{Crashes: 2, Runs: 2}, time.Now())
			if err != nil {
				t.Fatal(err)
			}
			fmt.Println("promoted", r.Generation)
		}
		u, err := s.Use()
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(u.Good(), u.End()); err != nil {
			t.Fatal(err)
		}
	}
}

// killedChild lets a child process change a store for a while, and returns what it said
// before it was killed.
func killedChild(t *testing.T, folder string, delay time.Duration) []string {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestChangeInAChild$", "-test.count=1")
	cmd.Env = append(os.Environ(), childStore+"="+folder)
	var complaints strings.Builder
	cmd.Stderr = &complaints
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if errors.Is(err, syscall.ENOEXEC) {
		t.Skip("an emulated program cannot start itself again")
	}
	if err != nil {
		t.Fatal(err)
	}
	var said []string
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if len(said) == 0 {
			defer time.AfterFunc(delay, func() { _ = cmd.Process.Kill() }).Stop()
		}
		said = append(said, lines.Text())
	}
	var killed *exec.ExitError
	if err := cmd.Wait(); !errors.As(err, &killed) || killed.ExitCode() >= 0 {
		t.Fatalf("the child process ended by itself: %v\n%s%s", err, strings.Join(said, "\n"), &complaints)
	}
	return said
}

// A process that is killed at 200 random instants while it promotes, rolls back, prunes
// and logs leaves a current model that is whole, a chain that is not broken, and every
// row of the log that it was told is written.
func TestKilledChanges(t *testing.T) {
	if testing.Short() {
		t.Skip("takes two hundred processes")
	}
	const kills = 200
	folder := t.TempDir()
	s := slot.Open(folder)
	random := rand.New(rand.NewPCG(3, 4))
	var logged []string
	promoted := 0
	for kill := range kills {
		for _, line := range killedChild(t, folder, time.Duration(random.Int64N(int64(60*time.Millisecond)))) {
			if label, ok := strings.CutPrefix(line, "logged "); ok {
				logged = append(logged, label)
			}
			_, _ = fmt.Sscanf(line, "promoted %d", &promoted)
		}
		u, err := s.Use()
		if errors.Is(err, slot.ErrNoStore) && promoted == 0 {
			continue
		}
		if err != nil {
			t.Fatalf("after kill %d: %v", kill, err)
		}
		if err := errors.Join(u.Good(), u.End()); err != nil {
			t.Fatal(err)
		}
		chain, err := s.Chain(u.Generation)
		if err != nil {
			t.Fatalf("after kill %d: %v", kill, err)
		}
		got, err := os.ReadFile(u.Path)
		if err != nil || !bytes.Equal(got, content(chain[0].Origin.Note)) {
			t.Fatalf("after kill %d: generation %d is not whole: %v", kill, u.Generation, err)
		}
		if signature, err := os.ReadFile(u.Path + slot.SignatureSuffix); err != nil || string(signature) != chain[0].Origin.Note {
			t.Fatalf("after kill %d: generation %d has signature %q, %v", kill, u.Generation, signature, err)
		}
	}
	text, err := os.ReadFile(filepath.Join(folder, logFile))
	if err != nil {
		t.Fatal(err)
	}
	summary, err := predictionlog.Verify(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	for _, label := range logged {
		if !bytes.Contains(text, []byte(`"label":"`+label+`"`)) {
			t.Errorf("the row %s is lost", label)
		}
	}
	if promoted == 0 {
		t.Error("nothing was promoted")
	}
	t.Logf("%d promotions, %d rows, %d torn", promoted, summary.Rows, summary.Torn)
}

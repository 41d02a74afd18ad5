package train_test

import (
	"bufio"
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"megl-edge/train"
)

// The environment variables of a child process: where it finds its photos, where
// it keeps its run, and with how many threads it computes.
const (
	childPhotos  = "MEGL_TEST_TRAIN_PHOTOS"
	childFolder  = "MEGL_TEST_TRAIN_FOLDER"
	childThreads = "MEGL_TEST_TRAIN_THREADS"
)

// childStarted is the line that a child prints before the first step.
const childStarted = "started"

func childOptions(folder string) train.Options {
	o := everything(filepath.Join(folder, "run"))
	o.Epochs = 12
	return o
}

// TestTrainInAChild is the program of a child process: it goes on with a run, and
// writes the weights at its end.
func TestTrainInAChild(t *testing.T) {
	folder := os.Getenv(childFolder)
	if folder == "" {
		t.Skip("this is a part of TestKilledRunGivesTheSameBytes")
	}
	o := childOptions(folder)
	var err error
	if o.Threads, err = strconv.Atoi(os.Getenv(childThreads)); err != nil {
		t.Fatal(err)
	}
	from, err := train.OpenCheckpoint(o.Checkpoint.Path)
	if err != nil && !errors.Is(err, train.ErrNoCheckpoint) {
		t.Fatal(err)
	}
	tr := newTrainer(t, os.Getenv(childPhotos), o, from)
	if _, err := os.Stdout.WriteString(childStarted + "\n"); err != nil {
		t.Fatal(err)
	}
	if err := tr.Run(context.Background(), train.Hooks{Validate: risingScore(tr)}); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "weights"), []byte(weights(t, tr)), 0o600); err != nil {
		t.Fatal(err)
	}
}

// child runs the child process until it ends, and returns true, or until the delay
// after its first step is over: then it is killed. A delay below 0 is none.
func child(t *testing.T, photos, folder string, threads int, delay time.Duration) (ended bool) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestTrainInAChild$", "-test.count=1")
	cmd.Env = append(os.Environ(), childPhotos+"="+photos, childFolder+"="+folder, childThreads+"="+strconv.Itoa(threads))
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
	lines := bufio.NewScanner(out)
	var said strings.Builder
	for lines.Scan() {
		said.WriteString(lines.Text() + "\n")
		if delay >= 0 && lines.Text() == childStarted {
			defer time.AfterFunc(delay, func() { _ = cmd.Process.Kill() }).Stop() // it may have ended
		}
	}
	err = cmd.Wait()
	var killed *exec.ExitError
	if errors.As(err, &killed) && killed.ExitCode() < 0 {
		return false
	}
	if err != nil {
		t.Fatalf("the child process: %v\n%s%s", err, &said, &complaints)
	}
	return true
}

// requireNoOther fails where a folder holds more than the named files, as it would
// if each kill left one.
func requireNoOther(t *testing.T, folder string, names ...string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !slices.Contains(names, e.Name()) {
			t.Errorf("the folder holds %s", e.Name())
		}
	}
}

// Runs that are killed 100 times in all, each time at a random instant, and
// resumed with another number of threads, end with the weights of one that was left
// alone. No step that was saved is made again.
func TestKilledRunGivesTheSameBytes(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a hundred processes")
	}
	photos := drawn(t, 0, 24)
	o := childOptions("")
	o.Checkpoint = train.Saves{}
	whole := newTrainer(t, photos, o, nil)
	if err := whole.Run(context.Background(), train.Hooks{Validate: risingScore(whole)}); err != nil {
		t.Fatal(err)
	}
	want := weights(t, whole)
	const kills = 100
	killed, runs := 0, 0
	random := rand.New(rand.NewPCG(1, 2))
	for ; killed < kills; runs++ {
		folder := t.TempDir()
		for step, ended := 0, false; !ended; {
			delay := time.Duration(random.Int64N(int64(40 * time.Millisecond)))
			if killed == kills {
				delay = -1
			}
			if ended = child(t, photos, folder, 1+killed%3, delay); !ended {
				killed++
			}
			c, err := train.OpenCheckpoint(filepath.Join(folder, "run"))
			if errors.Is(err, train.ErrNoCheckpoint) && step == 0 {
				continue
			}
			if err != nil {
				t.Fatalf("after kill %d: %v", killed, err)
			}
			if c.State.Step < step {
				t.Fatalf("after kill %d the checkpoint is of step %d, %d were saved", killed, c.State.Step, step)
			}
			step = c.State.Step
		}
		got, err := os.ReadFile(filepath.Join(folder, "weights"))
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != want {
			t.Fatalf("run %d, after %d kills, gives other weights", runs, killed)
		}
		requireNoOther(t, folder, "run", "run.next", "run.previous", "run.tmp", "weights")
	}
	t.Logf("%d kills in %d runs of %d steps", killed, runs, whole.State().Step)
}

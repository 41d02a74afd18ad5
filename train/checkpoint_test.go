package train_test

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"syscall"
	"testing"

	"megl-edge/runtime/atomicfile/disktest"
	"megl-edge/runtime/model"
	"megl-edge/train"
)

// everything are options whose checkpoint holds all that one can hold.
func everything(path string) train.Options {
	o := options()
	o.Epochs, o.Average = 4, 0.9
	o.Checkpoint = train.Saves{Path: path, Steps: 1}
	return o
}

// risingScore is a validation whose every epoch is the best, so that its weights
// are part of a checkpoint.
func risingScore(tr *train.Trainer) func(*model.Model) (float64, error) {
	return func(*model.Model) (float64, error) { return float64(tr.State().Cursor.Epoch), nil }
}

func newTrainer(t testing.TB, path string, o train.Options, from *train.Checkpoint) *train.Trainer {
	t.Helper()
	n := prepared(t, train.Settings{})
	tr, err := train.NewTrainer(context.Background(), n, rows(t, path, n), o, from)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(tr.Close)
	return tr
}

// steps makes a number of steps, and one save for each and one for stopping.
func steps(tr *train.Trainer, n int) error {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	err := tr.Run(ctx, train.Hooks{
		Step: func(train.Progress) {
			if n--; n == 0 {
				stop()
			}
		},
		Validate: risingScore(tr),
	})
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

func opened(t testing.TB, path string) *train.Checkpoint {
	t.Helper()
	c, err := train.OpenCheckpoint(path)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func requireFiles(t testing.TB, folder string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("the folder holds %q, want %q", got, want)
	}
}

// A power cut after any call of some saves, with anything of what was not synced,
// leaves the last save that had ended, or the one in progress, to the byte.
func TestCheckpointSurvivesAPowerCut(t *testing.T) {
	const saves = 4
	recorded := &disktest.Recorder{}
	tr := newTrainer(t, drawn(t, 0, 24), everything("run"), nil)
	tr.UseFiles(recorded)
	for range saves / 2 {
		if err := steps(tr, 1); err != nil { // saves the step, and once more
			t.Fatal(err)
		}
	}
	folder, reference := t.TempDir(), filepath.Join(t.TempDir(), "run")
	var last, next *train.Checkpoint // the save that ended, and the one in progress
	ended := 0
	d := disktest.NewDisk()
	check := func(after int) {
		for name, tail := range disktest.Tails {
			for set := range 1 << d.Pending() {
				names := d.After(set)
				d.Write(t, folder, names, tail)
				got, err := train.OpenCheckpoint(filepath.Join(folder, "run"))
				if last == nil && errors.Is(err, train.ErrNoCheckpoint) {
					continue
				}
				if err != nil {
					t.Fatalf("after call %d, unsynced bytes %s, names %v: %v", after, name, names, err)
				}
				if !reflect.DeepEqual(got, last) && !reflect.DeepEqual(got, next) {
					t.Fatalf("after call %d, unsynced bytes %s, names %v: step %d, neither the last save nor the next one",
						after, name, names, got.State.Step)
				}
			}
		}
	}
	for i, c := range recorded.Calls {
		check(i)
		d.Apply(c)
		switch {
		case c.Kind == disktest.SyncFile:
			if err := os.WriteFile(reference, d.Content(c.File), 0o600); err != nil {
				t.Fatal(err)
			}
			next = opened(t, reference)
		case c.Kind == disktest.SyncFolder && recorded.Calls[i-1].Path == "run":
			last = next
			ended++
		}
	}
	check(len(recorded.Calls))
	if ended != saves || last.State.Step != saves/2 {
		t.Errorf("%d saves, want %d; the last one of step %d", ended, saves, last.State.Step)
	}
}

// A full disk at any call of a save is an error that names the file, and the
// checkpoint before, or the new one, still opens. With room again the run goes on.
func TestCheckpointSurvivesAFullDisk(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "run")
	o := everything(path)
	o.Epochs, o.Checkpoint.Steps = 100, 0
	tr := newTrainer(t, drawn(t, 0, 24), o, nil)
	if err := steps(tr, 1); err != nil {
		t.Fatal(err)
	}
	for failing := 0; ; failing++ {
		before := opened(t, path)
		tr.UseFiles(&disktest.FaultyFiles{Failing: failing, Err: syscall.ENOSPC})
		err := steps(tr, 1)
		if err == nil {
			if failing < 10 {
				t.Errorf("a save has %d calls only", failing)
			}
			break
		}
		if !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), path) {
			t.Fatalf("call %d fails: %v", failing, err)
		}
		if got := opened(t, path); !reflect.DeepEqual(got, before) && got.State != tr.State() {
			t.Fatalf("call %d fails: step %d is left, neither the one before nor the new one", failing, got.State.Step)
		}
		if _, err := os.Stat(path + ".tmp"); err == nil {
			t.Errorf("call %d fails: the temporary file is left", failing)
		}
		tr.UseFiles(&disktest.FaultyFiles{Failing: -1})
		if err := tr.Save(); err != nil {
			t.Fatal(err)
		}
		if got := opened(t, path); got.State != tr.State() {
			t.Fatalf("after call %d failed, saving again leaves step %d of %d", failing, got.State.Step, tr.State().Step)
		}
		requireFiles(t, folder, "run", "run.previous")
	}
}

// In a folder that became read-only nothing is lost either.
func TestCheckpointInAReadOnlyFolder(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "run")
	tr := newTrainer(t, drawn(t, 0, 24), everything(path), nil)
	if err := steps(tr, 1); err != nil {
		t.Fatal(err)
	}
	before := opened(t, path)
	if err := os.Chmod(folder, 0o500); err != nil {
		t.Fatal(err)
	}
	defer os.Chmod(folder, 0o700)
	if probe, err := os.Create(filepath.Join(folder, "probe")); err == nil {
		probe.Close()
		t.Skip("this user may write to a read-only folder")
	}
	if err := steps(tr, 1); !errors.Is(err, os.ErrPermission) || !strings.Contains(err.Error(), path) {
		t.Errorf("a step saved to a read-only folder: %v", err)
	}
	if got := opened(t, path); !reflect.DeepEqual(got, before) {
		t.Errorf("step %d is left, want %d", got.State.Step, before.State.Step)
	}
}

// A damaged file gives way to the one before; where all are damaged, the error
// names them.
func TestDamagedCheckpoint(t *testing.T) {
	path := filepath.Join(t.TempDir(), "run")
	tr := newTrainer(t, drawn(t, 0, 24), everything(path), nil)
	if err := steps(tr, 1); err != nil {
		t.Fatal(err)
	}
	before := opened(t, path)
	if err := os.Truncate(path, 1000); err != nil {
		t.Fatal(err)
	}
	if got := opened(t, path); !reflect.DeepEqual(got, before) {
		t.Errorf("step %d is left, want %d", got.State.Step, before.State.Step)
	}
	if err := os.Truncate(path+".previous", 0); err != nil {
		t.Fatal(err)
	}
	if _, err := train.OpenCheckpoint(path); err == nil || !strings.Contains(err.Error(), path+": ") || !strings.Contains(err.Error(), path+".previous: ") {
		t.Errorf("both files damaged: %v", err)
	}
}

// A run that starts anew leaves the longer one before it behind.
func TestCheckpointOfARunStartedAnew(t *testing.T) {
	path := filepath.Join(t.TempDir(), "run")
	photos := drawn(t, 0, 24)
	if err := steps(newTrainer(t, photos, everything(path), nil), 5); err != nil {
		t.Fatal(err)
	}
	o := everything(path)
	o.Rate /= 2
	o.Checkpoint.Steps = 0
	if err := steps(newTrainer(t, photos, o, nil), 1); err != nil {
		t.Fatal(err)
	}
	if got := opened(t, path); got.State.Step != 1 || got.Options.Rate != o.Rate {
		t.Errorf("step %d with rate %v", got.State.Step, got.Options.Rate)
	}
}

// A validation that is interrupted is made up for when the run goes on.
func TestInterruptedValidation(t *testing.T) {
	photos := drawn(t, 0, 24)
	o := everything("")
	scores := []float64{3, 2, 5, 4}
	validate := func(stop func(epoch int) error) (*[]int, func(tr *train.Trainer) func(*model.Model) (float64, error)) {
		var epochs []int
		return &epochs, func(tr *train.Trainer) func(*model.Model) (float64, error) {
			return func(*model.Model) (float64, error) {
				epoch := int(tr.State().Cursor.Epoch)
				if err := stop(epoch); err != nil {
					return 0, err
				}
				epochs = append(epochs, epoch)
				return scores[epoch], nil
			}
		}
	}
	_, hook := validate(func(int) error { return nil })
	whole := newTrainer(t, photos, o, nil)
	if err := whole.Run(context.Background(), train.Hooks{Validate: hook(whole)}); err != nil {
		t.Fatal(err)
	}
	o.Checkpoint = train.Saves{Path: filepath.Join(t.TempDir(), "run")}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	epochs, hook := validate(func(epoch int) error {
		if epoch == 2 {
			cancel()
		}
		return ctx.Err()
	})
	first := newTrainer(t, photos, o, nil)
	if err := first.Run(ctx, train.Hooks{Validate: hook(first)}); !errors.Is(err, context.Canceled) {
		t.Fatalf("the interrupted run: %v", err)
	}
	again, hook := validate(func(int) error { return nil })
	second := newTrainer(t, photos, o, opened(t, o.Checkpoint.Path))
	if err := second.Run(context.Background(), train.Hooks{Validate: hook(second)}); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(*epochs, []int{0, 1}) || !reflect.DeepEqual(*again, []int{2, 3}) {
		t.Errorf("epochs %v were scored before the interruption, %v after it", *epochs, *again)
	}
	if weights(t, second) != weights(t, whole) || second.State() != whole.State() {
		t.Errorf("state %+v, want %+v", second.State(), whole.State())
	}
}

// A score that is no number could not be compared, nor saved.
func TestScoreThatIsNoNumber(t *testing.T) {
	tr := newTrainer(t, drawn(t, 0, 24), everything(""), nil)
	err := tr.Run(context.Background(), train.Hooks{Validate: func(*model.Model) (float64, error) { return math.NaN(), nil }})
	if err == nil || !strings.Contains(err.Error(), "NaN") {
		t.Errorf("a score of NaN: %v", err)
	}
}

// A run that is stopped and cannot be saved says so.
func TestStoppedRunThatCannotBeSaved(t *testing.T) {
	o := everything(filepath.Join(t.TempDir(), "gone", "run"))
	o.Checkpoint.Steps = 0
	tr := newTrainer(t, drawn(t, 0, 24), o, nil)
	if err := steps(tr, 1); err == nil || errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), o.Checkpoint.Path) {
		t.Errorf("stopped without a folder to save to: %v", err)
	}
}

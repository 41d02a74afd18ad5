package slot_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"time"

	"megl-edge/runtime/atomicfile/disktest"
	"megl-edge/runtime/model"
	"megl-edge/train/slot"
)

var noon = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

// content is what stands for a model: the store does not look into it.
func content(name string) []byte { return bytes.Repeat([]byte(name+"\n"), 5000) }

func stage(t testing.TB, s *slot.Store, name string) *slot.Candidate {
	t.Helper()
	c, err := s.Stage(bytes.NewReader(content(name)), nil)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func promote(t testing.TB, s *slot.Store, name string, trial *slot.Trial) slot.Record {
	t.Helper()
	r, err := stage(t, s, name).Promote("v1", model.Provenance{Note: name}, json.RawMessage(`{"passed":true}`), trial, noon)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// requireCurrent fails unless the store hands out the given generation, whole.
func requireCurrent(t testing.TB, s *slot.Store, generation int, name string) {
	t.Helper()
	u := use(t, s)
	if got, err := os.ReadFile(u.Path); err != nil || u.Generation != generation || !bytes.Equal(got, content(name)) {
		t.Errorf("generation %d at %s (%v), want %d, %q", u.Generation, u.Path, err, generation, name)
	}
	if err := errors.Join(u.Good(), u.End()); err != nil {
		t.Error(err)
	}
}

func use(t testing.TB, s *slot.Store) *slot.Use {
	t.Helper()
	u, err := s.Use()
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func numbers(t testing.TB, s *slot.Store) (all []string) {
	t.Helper()
	generations, err := s.List()
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range generations {
		mark := ""
		if g.Current {
			mark += "*"
		}
		if g.Previous {
			mark += "<"
		}
		if !g.Kept {
			mark += "-"
		}
		all = append(all, fmt.Sprint(g.Generation, mark))
	}
	return all
}

func TestGenerations(t *testing.T) {
	s := slot.Open(filepath.Join(t.TempDir(), "new", "store"))
	if _, err := s.Use(); !errors.Is(err, slot.ErrNoStore) {
		t.Errorf("an empty folder: %v", err)
	}
	for i, name := range []string{"a", "b", "c", "d"} {
		r := promote(t, s, name, &slot.Trial{Crashes: 3, Runs: 1})
		if r.Generation != i+1 || r.Origin.Note != name {
			t.Errorf("record %+v", r)
		}
		requireCurrent(t, s, i+1, name)
	}
	chain, err := s.Chain(4)
	if err != nil || len(chain) != 4 || chain[3].Parent != nil || chain[0].Parent.Generation != 3 {
		t.Errorf("chain %+v, %v", chain, err)
	}
	from, to, err := s.Rollback()
	if err != nil || from.Generation != 4 || to.Generation != 3 {
		t.Errorf("from %v to %v, %v", from, to, err)
	}
	requireCurrent(t, s, 3, "c")
	if got, want := numbers(t, s), []string{"1", "2<", "3*", "4"}; !reflect.DeepEqual(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	promote(t, s, "e", nil)
	pruned, err := s.Prune(1)
	if err != nil || !reflect.DeepEqual(pruned, []int{2, 1}) {
		t.Errorf("pruned %v, %v", pruned, err)
	}
	if got, want := numbers(t, s), []string{"1-", "2-", "3<", "4", "5*"}; !reflect.DeepEqual(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if chain, err := s.Chain(5); err != nil || len(chain) != 4 {
		t.Errorf("after pruning the chain is %v, %v", chain, err)
	}
	if _, to, err := s.Rollback(); err != nil || to.Generation != 3 {
		t.Errorf("to %v, %v", to, err)
	}
	if _, _, err := s.Rollback(); !errors.Is(err, slot.ErrNoPrevious) {
		t.Errorf("a rollback to what was pruned: %v", err)
	}
	requireCurrent(t, s, 3, "c")
}

func TestChainFindsWhatWasChanged(t *testing.T) {
	for name, change := range map[string]func(folder string) error{
		"record": func(folder string) error {
			path := filepath.Join(folder, "0001.json")
			text, err := os.ReadFile(path)
			return errors.Join(err, os.WriteFile(path, bytes.Replace(text, []byte(`"note": "a"`), []byte(`"note": "x"`), 1), 0o600))
		},
		"model": func(folder string) error {
			return os.WriteFile(filepath.Join(folder, "0001.megl"), content("x"), 0o600)
		},
	} {
		s := slot.Open(t.TempDir())
		promote(t, s, "a", nil)
		promote(t, s, "b", nil)
		if _, err := s.Chain(2); err != nil {
			t.Fatal(err)
		}
		if err := change(s.Folder()); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Chain(2); err == nil || !strings.Contains(err.Error(), "changed") {
			t.Errorf("a changed %s: %v", name, err)
		}
	}
}

// One candidate at a time; what is promoted is what was judged; and a discarded one
// leaves nothing.
func TestCandidates(t *testing.T) {
	s := slot.Open(t.TempDir())
	c := stage(t, s, "a")
	if _, err := s.Stage(bytes.NewReader(content("b")), nil); err == nil {
		t.Error("two candidates at a time")
	}
	if err := c.Discard(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(c.Path()); err == nil {
		t.Error("the candidate is left")
	}
	c = stage(t, s, "a")
	if err := os.WriteFile(c.Path(), content("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Promote("", model.Provenance{}, nil, nil, noon); err == nil || !strings.Contains(err.Error(), "changed") {
		t.Errorf("a candidate that was changed: %v", err)
	}
	if err := c.Discard(); err != nil {
		t.Error(err)
	}
	if _, err := s.Use(); !errors.Is(err, slot.ErrNoStore) {
		t.Error(err)
	}
}

// A generation on trial that crashes three times is left for the one before; runs
// that end, well or not, are no crashes; enough good ones end the trial.
func TestTrial(t *testing.T) {
	s := slot.Open(t.TempDir())
	promote(t, s, "a", nil)
	promote(t, s, "b", &slot.Trial{Crashes: 3, Runs: 4})
	for range 5 {
		if err := use(t, s).End(); err != nil {
			t.Error(err)
		}
	}
	running := []*slot.Use{use(t, s), use(t, s), use(t, s)} // at a time
	if u := use(t, s); u.Generation != 2 || len(u.Warnings) > 0 {
		t.Errorf("generation %d, %v", u.Generation, u.Warnings)
	} else if err := errors.Join(u.Good(), u.End()); err != nil {
		t.Error(err)
	}
	for _, u := range running {
		u.Crash()
	}
	u := use(t, s)
	if u.Generation != 1 || len(u.Warnings) != 1 || !strings.Contains(u.Warnings[0].Error(), "crashed 3 times: back to generation 1") {
		t.Errorf("generation %d, %v", u.Generation, u.Warnings)
	}
	requireCurrent(t, s, 1, "a")

	promote(t, s, "c", &slot.Trial{Crashes: 3, Runs: 2})
	for range 2 {
		requireCurrent(t, s, 3, "c")
	}
	for range 9 {
		use(t, s).Crash()
	}
	requireCurrent(t, s, 3, "c")

	// A process that goes on for long proves a model by itself.
	promote(t, s, "d", &slot.Trial{Crashes: 3, Runs: 2})
	long := use(t, s)
	for range 3 {
		if err := long.Good(); err != nil {
			t.Error(err)
		}
	}
	if state, err := s.State(); err != nil || state.Trial != nil {
		t.Errorf("state %+v, %v", state, err)
	}
	if err := long.End(); err != nil {
		t.Error(err)
	}
	// What dead processes left goes with the next pruning.
	promote(t, s, "e", &slot.Trial{Crashes: 3, Runs: 2})
	use(t, s).Crash()
	promote(t, s, "f", nil)
	if _, err := s.Prune(9); err != nil {
		t.Error(err)
	}
	if marks, err := filepath.Glob(filepath.Join(s.Folder(), "trial-*")); err != nil || len(marks) != 0 {
		t.Errorf("%v are left, %v", marks, err)
	}
}

// A model that was damaged on disk is not used: the one before is.
func TestDamagedModel(t *testing.T) {
	s := slot.Open(t.TempDir())
	promote(t, s, "a", nil)
	r := promote(t, s, "b", nil)
	damaged := content("b")
	damaged[777]++
	if err := os.WriteFile(s.Path(r.Reference), damaged, 0o600); err != nil {
		t.Fatal(err)
	}
	u := use(t, s)
	if u.Generation != 1 || len(u.Warnings) != 1 || !strings.Contains(u.Warnings[0].Error(), "damaged") {
		t.Errorf("generation %d, %v", u.Generation, u.Warnings)
	}
	requireCurrent(t, s, 1, "a")
	if _, _, err := s.Rollback(); !errors.Is(err, slot.ErrNoPrevious) {
		t.Error(err)
	}

	// Promoted over a damaged one, a model has the last good one to return to.
	r = promote(t, s, "c", nil)
	if err := os.WriteFile(s.Path(r.Reference), damaged, 0o600); err != nil {
		t.Fatal(err)
	}
	promote(t, s, "d", nil)
	if _, to, err := s.Rollback(); err != nil || to.Generation != 1 {
		t.Errorf("back to %v, %v", to, err)
	}
}

// A store of a newer version is used and not changed.
func TestNewerStore(t *testing.T) {
	s := slot.Open(t.TempDir())
	promote(t, s, "a", nil)
	path := filepath.Join(s.Folder(), "store.json")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	newer := bytes.Replace(text, []byte(`"version": 1`), []byte(`"version": 2, "slots": {}`), 1)
	if err := os.WriteFile(path, newer, 0o600); err != nil {
		t.Fatal(err)
	}
	u := use(t, s)
	if u.Generation != 1 || len(u.Warnings) != 1 || !errors.Is(u.Warnings[0], slot.ErrNewer) {
		t.Errorf("generation %d, %v", u.Generation, u.Warnings)
	}
	_, staged := s.Stage(bytes.NewReader(nil), nil)
	_, _, rolled := s.Rollback()
	_, pruned := s.Prune(0)
	for _, err := range []error{staged, rolled, pruned} {
		if !errors.Is(err, slot.ErrNewer) {
			t.Errorf("a change: %v", err)
		}
	}
	if got, _ := os.ReadFile(path); !bytes.Equal(got, newer) {
		t.Error("the store was changed")
	}
}

// In a store that cannot be written the model on trial is used, with a warning.
func TestReadOnlyStore(t *testing.T) {
	s := slot.Open(t.TempDir())
	promote(t, s, "a", nil)
	promote(t, s, "b", &slot.Trial{Crashes: 1, Runs: 1})
	// A folder in the place of the lock cannot be opened for writing, even by root.
	lock := filepath.Join(s.Folder(), "lock")
	if err := errors.Join(os.Remove(lock), os.Mkdir(lock, 0o700)); err != nil {
		t.Fatal(err)
	}
	u := use(t, s)
	if u.Generation != 2 || len(u.Warnings) != 1 || !strings.Contains(u.Warnings[0].Error(), "not counted") {
		t.Errorf("generation %d, %v", u.Generation, u.Warnings)
	}
	if err := errors.Join(u.Good(), u.End()); err != nil {
		t.Error(err)
	}
}

// A full disk at any call of a promotion and a rollback leaves the store as it was, or
// as it was to be, and one error that says why.
func TestFullDisk(t *testing.T) {
	for failing := 0; ; failing++ {
		s := slot.Open(t.TempDir())
		promote(t, s, "a", nil)
		s.UseFiles(&disktest.FaultyFiles{Failing: failing, Err: syscall.ENOSPC})
		c, err := s.Stage(bytes.NewReader(content("b")), nil)
		if err == nil {
			if _, err = c.Promote("", model.Provenance{}, nil, nil, noon); err == nil {
				_, _, err = s.Rollback()
			}
			s.UseFiles(&disktest.FaultyFiles{Failing: -1})
			if err := c.Discard(); err != nil {
				t.Error(err)
			}
		}
		s.UseFiles(&disktest.FaultyFiles{Failing: -1})
		if err == nil {
			if failing < 15 {
				t.Errorf("there are %d calls only", failing)
			}
			return
		}
		if !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), s.Folder()) {
			t.Errorf("call %d fails: %v", failing, err)
		}
		state, err := s.State()
		if err != nil {
			t.Fatalf("call %d fails: %v", failing, err)
		}
		requireCurrent(t, s, state.Current.Generation, []string{"", "a", "b"}[state.Current.Generation])
		if r := promote(t, s, "c", nil); r.Generation < 2 {
			t.Errorf("call %d fails: then generation %d", failing, r.Generation)
		}
	}
}

// A power cut after any call of promotions, rollbacks and prunings, with anything of what
// was not synced, leaves the generation before the interrupted change, or the one after.
func TestPowerCut(t *testing.T) {
	s := slot.Open(t.TempDir())
	recorded := &disktest.Recorder{Into: slot.System}
	s.UseFiles(recorded)
	names := map[int]string{}
	type moment struct {
		calls   int // when the change had ended
		current int // after it
	}
	var history []moment
	ended := func() {
		state, err := s.State()
		if err != nil {
			t.Fatal(err)
		}
		history = append(history, moment{len(recorded.Calls), state.Current.Generation})
	}
	up := func(name string) {
		names[promote(t, s, name, nil).Generation] = name
		ended()
	}
	down := func() {
		if _, _, err := s.Rollback(); err != nil {
			t.Fatal(err)
		}
		ended()
	}
	prune := func() {
		if _, err := s.Prune(0); err != nil {
			t.Fatal(err)
		}
		ended()
	}
	up("a")
	up("b")
	down()
	up("c")
	up("d")
	prune()
	down()
	if err := stage(t, s, "refused").Discard(); err != nil {
		t.Fatal(err)
	}
	ended()

	after := slot.Open(t.TempDir())
	d := disktest.NewDisk()
	states := 0
	for i := 0; i <= len(recorded.Calls); i++ {
		before, next := 0, 0
		for _, m := range history {
			if next = m.current; m.calls > i {
				break
			}
			before = m.current
		}
		for tail, of := range disktest.Tails {
			for set := range 1 << d.Pending() {
				d.Write(t, after.Folder(), d.After(set), of)
				states++
				u, err := after.Use()
				if errors.Is(err, slot.ErrNoStore) && before == 0 {
					continue
				}
				if err != nil {
					t.Fatalf("after call %d, unsynced bytes %s: %v", i, tail, err)
				}
				got, err := os.ReadFile(u.Path)
				if err != nil || !bytes.Equal(got, content(names[u.Generation])) || len(u.Warnings) > 0 {
					t.Fatalf("after call %d, unsynced bytes %s: generation %d is not whole: %v %v", i, tail, u.Generation, err, u.Warnings)
				}
				if u.Generation != before && u.Generation != next {
					t.Fatalf("after call %d, unsynced bytes %s: generation %d, want %d or %d", i, tail, u.Generation, before, next)
				}
				if _, err := after.Chain(u.Generation); err != nil {
					t.Fatalf("after call %d, unsynced bytes %s: %v", i, tail, err)
				}
			}
		}
		if i < len(recorded.Calls) {
			d.Apply(recorded.Calls[i])
		}
	}
	t.Logf("%d calls, %d states", len(recorded.Calls), states)
}

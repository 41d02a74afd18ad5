package script_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/d5/tengo/v2"

	"megl-edge/cmd/megl-edge/internal/script"
)

// ran runs a script within small limits.
func ran(t *testing.T, source string, args ...string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	var out bytes.Buffer
	limits := script.DefaultLimits()
	limits.Objects, limits.Text, limits.Memory = 1_000_000, 1<<20, 32<<20
	e := script.New(ctx, "test.tengo", &out, limits)
	e.Add("outer", map[string]tengo.Object{
		"fail":   e.Function("fail", func([]tengo.Object) (tengo.Object, error) { return nil, errOuter }),
		"double": e.Function("double", func(args []tengo.Object) (tengo.Object, error) { return args[0].BinaryOp(12, args[0]) }),
		"take": e.Function("take", func([]tengo.Object) (tengo.Object, error) {
			kept = make([]byte, 100<<20)
			time.Sleep(10 * time.Millisecond)
			return nil, nil
		}),
	})
	err := e.Run([]byte(source), args)
	return out.String(), err
}

var (
	errOuter = errors.New("the outside failed")
	kept     []byte
)

func TestScripts(t *testing.T) {
	for name, c := range map[string]struct{ source, want string }{
		"arguments":                        {`import("fmt").println(args, len(args))`, `["a", "b"]2` + "\n"},
		"printing":                         {`f := import("fmt"); f.print(1, "x"); f.printf("%03d %s\n", 7, "y"); f.printf("z")`, "1x007 y\nz"},
		"enum":                             {`import("fmt").print(import("enum").map([1, 2], func(i, v) { return v * 2 }))`, "[2, 4]"},
		"range":                            {`f := import("fmt"); f.print(range(0, 7, 3), range(5, 0, 2), range(3, 3), range(-9223372036854775807, 9223372036854775807, 9000000000000000000))`, "[0, 3, 6][5, 3, 1][][-9223372036854775807, -223372036854775807, 8776627963145224193]"},
		"sleep":                            {`t := import("times"); t.sleep(t.millisecond)`, ""},
		"memory of modules does not count": {`outer := import("outer"); outer.take(); outer.take(); a := 1; for i := 0; i < 200000; i++ { a += i }`, ""},
	} {
		if got, err := ran(t, c.source, "a", "b"); err != nil || got != c.want {
			t.Errorf("%s: %q, %v, want %q", name, got, err, c.want)
		}
	}
	kept = nil
}

func TestErrorsHaveAPlace(t *testing.T) {
	for source, want := range map[string]string{
		"a := 1\nb := a + c":                           "test.tengo:2:10: unresolved reference 'c'",
		"a := 1\nif a {\n  b := \n}":                   "test.tengo:4:1: ",
		"a := 1\nb := a + undefined":                   "test.tengo:2:6: invalid operation: int + undefined",
		"f := func(x) {\n  return x.y.z()\n}\nf(1)":    "test.tengo:2:12: ",
		"outer := import(\"outer\")\n\n  outer.fail()": "test.tengo:3:3: the outside failed",
		"import(\"os\").exit(3)":                       "test.tengo:1:1: module 'os' not found",
		"import(\"../etc/passwd\")":                    "module '../etc/passwd' not found",
		"range(0, 10, 0)":                              "the step must be above 0",
		"import(\"fmt\").printf(1)":                    "invalid type for argument",
		"x := 5\nx()":                                  "test.tengo:2:1: not callable: int",
	} {
		_, err := ran(t, source)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: %v, want %q", source, err, want)
		}
	}
	_, err := ran(t, "import(\"outer\").fail()")
	var located *script.Error
	if !errors.As(err, &located) || located.Line != 1 {
		t.Errorf("%#v", err)
	}
}

// Hostile scripts are stopped, and say which limit they reached. What a process cannot
// survive is tested where scripts run in one of their own.
func TestLimits(t *testing.T) {
	for source, want := range map[string]error{
		"for {}":                      script.ErrTime,
		"a := 0; for { a += 1 }":      script.ErrObjects,
		"a := [1]; for { a = a + a }": script.ErrMemory,
		"f := undefined; f = func(x) { return 1 + f(x) }; f(1)": script.ErrDepth,
		`t := import("times"); t.sleep(t.hour)`:                 script.ErrTime,
		`a := "aaaaaaaa"; for { a += a }`:                       tengo.ErrStringLimit,
		`bytes(1000000000)`:                                     tengo.ErrBytesLimit,
		`import("text").repeat("abc", 1000000000)`:              tengo.ErrStringLimit,
	} {
		start := time.Now()
		_, err := ran(t, source)
		if err == nil || !strings.Contains(err.Error(), want.Error()) {
			t.Errorf("%q: %v, want %v", source, err, want)
		}
		if took := time.Since(start); took > 20*time.Second {
			t.Errorf("%q was stopped after %v", source, took)
		}
	}
	if _, err := ran(t, strings.Repeat(" ", 2<<20)); err == nil || !strings.Contains(err.Error(), "at most") {
		t.Errorf("a long script: %v", err)
	}
}

func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(20*time.Millisecond, cancel)
	e := script.New(ctx, "test.tengo", &bytes.Buffer{}, script.DefaultLimits())
	if err := e.Run([]byte("for {}"), nil); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func TestSandbox(t *testing.T) {
	root := t.TempDir()
	allowed, outside := filepath.Join(root, "allowed"), filepath.Join(root, "allowed-not")
	for _, folder := range []string{allowed, outside, filepath.Join(allowed, "sub")} {
		if err := os.Mkdir(folder, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	links := map[string]string{"out": outside, "in": filepath.Join(allowed, "sub"), "nowhere": filepath.Join(outside, "none"), "up": ".."}
	for name, to := range links {
		if err := os.Symlink(to, filepath.Join(allowed, name)); err != nil {
			t.Skip("there are no symbolic links here")
		}
	}
	s, err := script.NewSandbox([]string{allowed})
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"", "a", "sub/new/deep", "in/x", "sub/../a"} {
		if _, err := s.Path(filepath.Join(allowed, path)); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
	for _, path := range []string{"../a", "out/x", "out", "nowhere", "nowhere/x", "up/allowed-not/x", "../allowed-not", "/etc/passwd", "sub/../../x", "a\x00b/../../.."} {
		full := allowed + "/" + path
		if filepath.IsAbs(path) {
			full = path
		}
		if got, err := s.Path(full); err == nil {
			t.Errorf("%s is allowed as %s", path, got)
		}
	}
	if _, err := s.Path(filepath.Join(outside, "x")); !errors.Is(err, script.ErrOutside) {
		t.Errorf("%v", err)
	}
	none, err := script.NewSandbox(nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := none.Path("x"); !errors.Is(err, script.ErrOutside) {
		t.Errorf("without folders: %v", err)
	}
	if _, err := script.NewSandbox([]string{filepath.Join(root, "none")}); err == nil {
		t.Error("a folder that is not there is allowed")
	}
}

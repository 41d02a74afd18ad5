package data

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// write makes a file with its folders and returns its path.
func write(t testing.TB, content string, elements ...string) string {
	t.Helper()
	path := filepath.Join(elements...)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// collect reads the source at path until its end or an error.
func collect(t *testing.T, path string) ([]Row, error) {
	t.Helper()
	source, err := Open(path)
	if err != nil {
		return nil, err
	}
	var list []Row
	for row, err := range source.Rows() {
		if err != nil {
			if !reflect.DeepEqual(row, Row{}) {
				t.Errorf("row %+v comes with the error %v", row, err)
			}
			return list, err
		}
		list = append(list, row)
	}
	return list, nil
}

func TestJSONL(t *testing.T) {
	folder := t.TempDir()
	absolute := filepath.Join(folder, "elsewhere", "c.jpg")
	path := write(t, "\uFEFF{\"image\":\"a.jpg\",\"label\":\"cat\"}\r\n"+
		"\n \t\r\n"+
		"{\"image\":\"../b/b.jpg\",\"mask\":\"m/b.png\"}\n"+
		"{\"image\":"+quote(absolute)+"}", folder, "set", "rows.jsonl")
	rows, err := collect(t, path)
	if err != nil {
		t.Fatal(err)
	}
	want := []Row{
		{Image: filepath.Join(folder, "set", "a.jpg"), Label: "cat", Line: 1},
		{Image: filepath.Join(folder, "b", "b.jpg"), Mask: filepath.Join(folder, "set", "m", "b.png"), Line: 4},
		{Image: absolute, Line: 5},
	}
	if !reflect.DeepEqual(rows, want) {
		t.Errorf("rows %+v, want %+v", rows, want)
	}
}

// quote writes a path as JSON text; on Windows it holds backslashes.
func quote(path string) string {
	return `"` + strings.ReplaceAll(path, `\`, `\\`) + `"`
}

func TestJSONLErrorsSayWhere(t *testing.T) {
	good := `{"image":"a.jpg"}` + "\n"
	for _, c := range []struct{ name, content, want string }{
		{"wrong type", good + "\n" + `{"image":"a","label":7}`, `:3: "label" is a number, want text`},
		{"bad syntax", good + "nonsense\n" + good, ":2: not a JSON object: byte 2: invalid character"},
		{"binary", "\xff\xd8\xff\xe0", ":1: not valid UTF-8; want text with one JSON object a line"},
		{"mark on the second line", good + "\uFEFF" + good, ":2: not a JSON object: byte 1: invalid character"},
		{"two marks", "\uFEFF\uFEFF" + good, ":1: not a JSON object: byte 1: invalid character"},
		{"over lines", "{\n\"image\":\"a\"}\n", ":1: not a JSON object: byte 1: unexpected end of JSON input"},
		{"empty", "", ": no rows in the file; want one JSON object a line"},
		{"space alone", "\n \n\r\n", ": no rows in the file; want one JSON object a line"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := write(t, c.content, t.TempDir(), "rows.jsonl")
			_, err := collect(t, path)
			if err == nil || !strings.HasPrefix(err.Error(), path+c.want) {
				t.Errorf("error %v, want %s%s", err, path, c.want)
			}
		})
	}
}

// The rows before an error come out, and nothing comes after it.
func TestRowsEndAtTheFirstError(t *testing.T) {
	good := `{"image":"a.jpg"}` + "\n"
	source, err := Open(write(t, good+good+"[]\n"+good, t.TempDir(), "rows.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	var rows, faults int
	for _, err := range source.Rows() {
		if err != nil {
			faults++
			continue
		}
		rows++
	}
	if rows != 2 || faults != 1 {
		t.Errorf("%d rows and %d errors, want 2 and 1", rows, faults)
	}
}

func TestRowsStartOver(t *testing.T) {
	path := write(t, strings.Repeat(`{"image":"a.jpg"}`+"\n", 5), t.TempDir(), "rows.jsonl")
	source, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, stop := range []int{1, 3, 5} {
		last := 0
		for row, err := range source.Rows() {
			if err != nil {
				t.Fatal(err)
			}
			if last = row.Line; last == stop {
				break
			}
		}
		if last != stop {
			t.Errorf("came to line %d, want %d", last, stop)
		}
	}
	// The file is closed: Windows could not remove it otherwise.
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	for _, err := range source.Rows() {
		if !errors.Is(err, fs.ErrNotExist) || !strings.HasPrefix(err.Error(), path+": ") {
			t.Errorf("error %v for a file that is gone", err)
		}
	}
}

func TestLineLimit(t *testing.T) {
	line := func(n int) string {
		const around = len(`{"image":""}`)
		return `{"image":"` + strings.Repeat("x", n-around) + `"}`
	}
	for _, end := range []string{"", "\n"} {
		rows, err := collect(t, write(t, line(MaxLine)+end, t.TempDir(), "rows.jsonl"))
		if err != nil || len(rows) != 1 {
			t.Fatalf("%d rows and error %v for a line at the limit", len(rows), err)
		}
		path := write(t, line(20)+"\n"+line(MaxLine+1)+end, t.TempDir(), "rows.jsonl")
		rows, err = collect(t, path)
		want := path + ":2: the line is longer than 1048576 bytes; want one JSON object a line"
		if err == nil || err.Error() != want || len(rows) != 1 {
			t.Errorf("%d rows and error %v, want 1 and %s", len(rows), err, want)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "none.jsonl")
	_, err := Open(path)
	if !errors.Is(err, fs.ErrNotExist) || !strings.HasPrefix(err.Error(), path+": ") {
		t.Errorf("error %v for a file that is not there", err)
	}
	if _, err := Open(os.DevNull); err == nil || !strings.Contains(err.Error(), "neither a regular file nor a folder") {
		t.Errorf("error %v for a device", err)
	}
}

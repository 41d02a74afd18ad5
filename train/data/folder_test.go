package data

import (
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
)

func TestFlatFolder(t *testing.T) {
	folder := t.TempDir()
	for _, name := range []string{"b.jpg", "a.PNG", "c.jpeg", "B.webp", "d.bmp", "e.gif", ".hidden.jpg", "labels.tsv", "photo", "x.jpg.txt"} {
		write(t, "", folder, name)
	}
	write(t, "", folder, ".git", "f.jpg")
	rows, err := collect(t, folder)
	if err != nil {
		t.Fatal(err)
	}
	var want []Row
	for _, name := range []string{"B.webp", "a.PNG", "b.jpg", "c.jpeg", "d.bmp", "e.gif"} {
		want = append(want, Row{Image: filepath.Join(folder, name)})
	}
	if !reflect.DeepEqual(rows, want) {
		t.Errorf("rows %+v, want %+v", rows, want)
	}
}

func TestFolderPerClass(t *testing.T) {
	folder := t.TempDir()
	for _, name := range []string{"dog/2.jpg", "dog/1.jpg", "cat/1.png", "big cat/1.png", "README.md", "dog/notes.txt", ".cache/1.jpg"} {
		write(t, "", folder, filepath.FromSlash(name))
	}
	if err := os.Mkdir(filepath.Join(folder, "empty"), 0o755); err != nil {
		t.Fatal(err)
	}
	rows, err := collect(t, folder)
	if err != nil {
		t.Fatal(err)
	}
	want := []Row{
		{Image: filepath.Join(folder, "big cat", "1.png"), Label: "big cat"},
		{Image: filepath.Join(folder, "cat", "1.png"), Label: "cat"},
		{Image: filepath.Join(folder, "dog", "1.jpg"), Label: "dog"},
		{Image: filepath.Join(folder, "dog", "2.jpg"), Label: "dog"},
	}
	if !reflect.DeepEqual(rows, want) {
		t.Errorf("rows %+v, want %+v", rows, want)
	}
}

func TestFoldersStopEarly(t *testing.T) {
	flat, classes := t.TempDir(), t.TempDir()
	for _, name := range []string{"1.jpg", "2.jpg"} {
		write(t, "", flat, name)
		write(t, "", classes, "cat", name)
	}
	for _, path := range []string{flat, classes} {
		source, err := Open(path)
		if err != nil {
			t.Fatal(err)
		}
		for row, err := range source.Rows() {
			if err != nil || filepath.Base(row.Image) != "1.jpg" {
				t.Errorf("row %+v, error %v", row, err)
			}
			break
		}
	}
}

func TestFolderErrors(t *testing.T) {
	for _, c := range []struct {
		name  string
		files []string
		want  string
	}{
		{"nothing", nil, ": no photos in the folder; looked for [.jpg .jpeg .png .gif .webp .bmp], also one folder down"},
		{"no photos", []string{"a.txt", "cat/b.txt"}, ": no photos in the folder"},
		{"both", []string{"a.jpg", "cat/b.jpg"}, ": holds photos (a.jpg) and folders (cat); want photos alone, or one folder per class"},
		{"too deep", []string{"train/cat/b.jpg"}, "/train: holds the folder cat; want photos alone in the folder of a class"},
	} {
		t.Run(c.name, func(t *testing.T) {
			folder := t.TempDir()
			for _, name := range c.files {
				write(t, "", folder, filepath.FromSlash(name))
			}
			rows, err := collect(t, folder)
			want := folder + filepath.FromSlash(c.want)
			if err == nil || !strings.HasPrefix(err.Error(), want) || len(rows) != 0 {
				t.Errorf("%d rows and error %v, want %s", len(rows), err, want)
			}
		})
	}
}

func TestSymbolicLinks(t *testing.T) {
	folder := t.TempDir()
	write(t, "", folder, "real", "1.jpg")
	write(t, "", folder, "set", "dog", "2.jpg")
	link(t, filepath.Join("..", "real"), folder, "set", "cat")
	link(t, filepath.Join("..", "..", "real", "1.jpg"), folder, "set", "dog", "1.jpg")
	rows, err := collect(t, filepath.Join(folder, "set"))
	if err != nil {
		t.Fatal(err)
	}
	want := []Row{
		{Image: filepath.Join(folder, "set", "cat", "1.jpg"), Label: "cat"},
		{Image: filepath.Join(folder, "set", "dog", "1.jpg"), Label: "dog"},
		{Image: filepath.Join(folder, "set", "dog", "2.jpg"), Label: "dog"},
	}
	if !reflect.DeepEqual(rows, want) {
		t.Errorf("rows %+v, want %+v", rows, want)
	}
}

func TestSymbolicLinksThatLeadNowhere(t *testing.T) {
	for _, c := range []struct{ name, to, place, want string }{
		{"up from the top", ".", "loop", "/loop: holds the folder cat;"},
		{"up from a class", "..", "cat/loop", "/cat: holds the folder loop;"},
		{"to itself", "loop", "loop", "/loop: "},
		{"to nothing", "none", "loop.jpg", "/loop.jpg: "},
		{"to a device", os.DevNull, "cat/0.jpg", "/cat/0.jpg: is named like a photo, but not a regular file"},
	} {
		t.Run(c.name, func(t *testing.T) {
			folder := t.TempDir()
			write(t, "", folder, "cat", "1.jpg")
			link(t, c.to, folder, filepath.FromSlash(c.place))
			_, err := collect(t, folder)
			if want := folder + filepath.FromSlash(c.want); err == nil || !strings.HasPrefix(err.Error(), want) {
				t.Errorf("error %v, want %s", err, want)
			}
		})
	}
}

func link(t *testing.T, to string, elements ...string) {
	t.Helper()
	if err := os.Symlink(to, filepath.Join(elements...)); err != nil {
		if runtime.GOOS == "windows" {
			t.Skipf("this account may not make symbolic links: %v", err)
		}
		t.Fatal(err)
	}
}

func TestUnreadableFolder(t *testing.T) {
	folder := t.TempDir()
	write(t, "", folder, "cat", "1.jpg")
	closed := filepath.Dir(write(t, "", folder, "dog", "1.jpg"))
	if err := os.Chmod(closed, 0); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.Chmod(closed, 0o755) })
	if _, err := os.ReadDir(closed); err == nil {
		t.Skip("this account may read every folder")
	}
	rows, err := collect(t, folder)
	if err == nil || !strings.HasPrefix(err.Error(), closed+": ") || len(rows) != 1 {
		t.Errorf("%d rows and error %v", len(rows), err)
	}
}

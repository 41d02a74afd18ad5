package data

import (
	"errors"
	"fmt"
	"image"
	"image/color"
	"path/filepath"
	"strings"
	"testing"
)

// vocObjectText is an object of an annotation.
func vocObjectText(name string, left, top, right, bottom int) string {
	return fmt.Sprintf("<object><name>%s</name><difficult>0</difficult><bndbox><xmin>%d</xmin><ymin>%d</ymin><xmax>%d</xmax><ymax>%d</ymax></bndbox>"+
		"<part><name>head</name><bndbox><xmin>0</xmin><ymin>0</ymin><xmax>900</xmax><ymax>900</ymax></bndbox></part></object>", name, left, top, right, bottom)
}

func vocText(file string, objects ...string) string {
	return "<annotation>\n<folder>VOC</folder>\n<filename>" + file + "</filename>\n<size><width>4</width><height>2</height></size>\n" +
		strings.Join(objects, "\n") + "</annotation>\n"
}

func vocTree(t testing.TB) string {
	t.Helper()
	folder := t.TempDir()
	write(t, vocText("1.jpg", vocObjectText("cat", 1, 1, 2, 2), vocObjectText("dog", 1, 1, 4, 2), vocObjectText("cat", 1, 1, 2, 1), vocObjectText("dog", 4, 1, 4, 1)),
		folder, vocAnnotations, "1.xml")
	write(t, vocText("2.jpg", vocObjectText("cat", 1, 1, 2, 2)), folder, vocAnnotations, "2.xml")
	write(t, vocText(""), folder, vocAnnotations, "3.xml")
	write(t, "", folder, vocImages, "1.jpg")
	palette := make(color.Palette, 256)
	for i := range palette {
		palette[i] = color.Gray{uint8(255 - i)}
	}
	objects := image.NewPaletted(image.Rect(0, 0, 4, 2), palette)
	copy(objects.Pix, []uint8{2, 2, 255, 4, 1, 3, 0, 4})
	drawnPNG(t, objects, folder, vocObjects, "1.png")
	write(t, "1 1\n2 -1\n\n3  0\n", folder, vocSets, "Main", "cat_train.txt")
	write(t, "2\n", folder, vocSets, "Main", "val.txt")
	return folder
}

func TestVOC(t *testing.T) {
	folder := vocTree(t)
	rows, err := collect(t, folder)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []struct{ id, label string }{{"1", "dog"}, {"2", "cat"}, {"3", ""}} {
		r := rows[i]
		if r.ID != want.id || r.Label != want.label || r.Image != filepath.Join(folder, vocImages, want.id+".jpg") || r.HasMask() != (i == 0) {
			t.Errorf("row %d is %+v, want %+v", i, r, want)
		}
	}
	b, err := rows[0].ReadMask(4, 2)
	if err != nil || picture(b) != "##.#\n...#\n" {
		t.Errorf("mask %+v (%v)", b, err)
	}
	var misfit *MaskSizeError
	if _, err := rows[0].ReadMask(2, 4); !errors.As(err, &misfit) {
		t.Errorf("error %v for a turned photo", err)
	}
}

func TestVOCSets(t *testing.T) {
	folder := vocTree(t)
	for set, want := range map[string]string{"cat_train.txt": "13", "val.txt": "2"} {
		rows, err := collect(t, filepath.Join(folder, vocSets, "Main", set))
		ids := ""
		for _, r := range rows {
			ids += r.ID
		}
		if err != nil || ids != want {
			t.Errorf("%s: rows %s (%v), want %s", set, ids, err, want)
		}
	}
	for text, want := range map[string]string{
		"":           ": lists no images",
		"1\n4\n":     ":2: ",
		"../secret ": `:1: "../secret" is not the name of an annotation`,
	} {
		path := write(t, text, folder, vocSets, "Main", "bad.txt")
		if _, err := collect(t, path); err == nil || !strings.HasPrefix(err.Error(), path+want) {
			t.Errorf("%q: error %v, want %s", text, err, want)
		}
	}
}

func TestVOCErrors(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"no XML":     {"nonsense", "not a Pascal VOC annotation"},
		"other XML":  {"<html></html>", "expected element type <annotation>"},
		"no name":    {vocText("1.jpg", vocObjectText(" ", 1, 1, 2, 2)), "object 1 has no name"},
		"box":        {vocText("1.jpg", "<object><name>a</name><bndbox><xmin>left</xmin></bndbox></object>"), "not a Pascal VOC annotation"},
		"cut off":    {vocText("1.jpg")[:80], "not a Pascal VOC annotation"},
		"very long":  {strings.Repeat(" ", maxVOCFile+1), "longer than 1048576 bytes"},
		"other text": {`<?xml version="1.0" encoding="latin-9"?><annotation/>`, "not a Pascal VOC annotation"},
	} {
		folder := t.TempDir()
		write(t, "", folder, vocImages, "1.jpg")
		path := write(t, c.text, folder, vocAnnotations, "1.xml")
		if _, err := collect(t, folder); err == nil || !strings.HasPrefix(err.Error(), path+": ") || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %s", name, err, c.want)
		}
	}
}

func TestVOCMaskErrors(t *testing.T) {
	folder := vocTree(t)
	rows, err := collect(t, folder)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, vocObjects, "1.png")
	drawnPNG(t, image.NewRGBA(image.Rect(0, 0, 4, 2)), path)
	if _, err := rows[0].ReadMask(4, 2); err == nil || !strings.HasPrefix(err.Error(), path+": the pixels are colours") {
		t.Errorf("error %v for colours", err)
	}
	write(t, "no picture", path)
	if _, err := rows[0].ReadMask(4, 2); err == nil || !strings.HasPrefix(err.Error(), path+": not a PNG image") {
		t.Errorf("error %v for text", err)
	}
}

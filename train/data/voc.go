package data

import (
	"bufio"
	"encoding/xml"
	"errors"
	"fmt"
	"hash"
	"image"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// The folders of a Pascal VOC data set.
const (
	vocAnnotations = "Annotations"
	vocImages      = "JPEGImages"
	vocObjects     = "SegmentationObject"
	vocSets        = "ImageSets"
)

// eachVOC yields a row for each annotation in the Pascal VOC folder at path.
func eachVOC(path string, yield func(Row) bool) error {
	entries, err := os.ReadDir(filepath.Join(path, vocAnnotations))
	if err != nil {
		return pathFirst(err)
	}
	for _, e := range entries {
		name, ok := strings.CutSuffix(e.Name(), ".xml")
		if !ok || strings.HasPrefix(name, ".") {
			continue
		}
		row, err := readVOC(path, name)
		if err != nil {
			return err
		}
		if !yield(row) {
			return nil
		}
	}
	return nil
}

// isVOCSet tells whether the file at path lists images of a Pascal VOC folder, as
// ImageSets/Main/train.txt does.
func isVOCSet(path string) bool {
	return filepath.Ext(path) == ".txt" && filepath.Base(filepath.Dir(filepath.Dir(path))) == vocSets
}

// eachOfVOCSet yields the rows of the images that the file at path lists. A second
// word of -1 on a line says that the image does not belong to the list.
func eachOfVOCSet(path string, yield func(Row) bool) error {
	f, err := os.Open(path)
	if err != nil {
		return pathFirst(err)
	}
	defer f.Close()
	root := filepath.Dir(filepath.Dir(filepath.Dir(path)))
	lines := bufio.NewScanner(f)
	for number := 1; lines.Scan(); number++ {
		words := strings.Fields(lines.Text())
		if len(words) == 0 || len(words) > 1 && words[1] == "-1" {
			continue
		}
		if strings.ContainsAny(words[0], `/\`) {
			return fmt.Errorf("%s:%d: %q is not the name of an annotation", path, number, words[0])
		}
		row, err := readVOC(root, words[0])
		if err != nil {
			return fmt.Errorf("%s:%d: %w", path, number, err)
		}
		if !yield(row) {
			return nil
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

type vocAnnotation struct {
	XMLName  xml.Name    `xml:"annotation"`
	FileName string      `xml:"filename"`
	Objects  []vocObject `xml:"object"`
}

type vocObject struct {
	Name string `xml:"name"`
	Box  struct {
		Left   float64 `xml:"xmin"`
		Top    float64 `xml:"ymin"`
		Right  float64 `xml:"xmax"`
		Bottom float64 `xml:"ymax"`
	} `xml:"bndbox"`
}

func (o *vocObject) area() float64 {
	return float64((o.Box.Right - o.Box.Left) * (o.Box.Bottom - o.Box.Top))
}

// readVOC returns the row of one annotation. Its label is the class of the object
// with the largest box, the first of several; its mask is all objects of this
// class.
func readVOC(root, name string) (Row, error) {
	path := filepath.Join(root, vocAnnotations, name+".xml")
	a, err := readVOCFile(path)
	if err != nil {
		return Row{}, fmt.Errorf("%s: %w", path, err)
	}
	if a.FileName == "" {
		a.FileName = name + ".jpg"
	}
	row := Row{ID: name, Image: filepath.Join(root, vocImages, filepath.Base(filepath.FromSlash(a.FileName)))}
	var largest *vocObject
	for i := range a.Objects {
		o := &a.Objects[i]
		if o.Name = strings.TrimSpace(o.Name); o.Name == "" {
			return Row{}, fmt.Errorf("%s: object %d has no name", path, i+1)
		}
		if largest == nil || o.area() > largest.area() {
			largest = o
		}
	}
	if largest == nil {
		return row, nil
	}
	row.Label = largest.Name
	region := &vocRegion{path: filepath.Join(root, vocObjects, name+".png")}
	if _, err := os.Stat(region.path); err != nil {
		return row, nil // most photos have no mask
	}
	for i, o := range a.Objects {
		if o.Name == largest.Name && i+1 < vocBorder {
			region.objects = append(region.objects, uint8(i+1))
		}
	}
	row.Region = region
	return row, nil
}

// maxVOCFile is the greatest length of an annotation in bytes.
const maxVOCFile = 1 << 20

func readVOCFile(path string) (*vocAnnotation, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, errors.Unwrap(err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxVOCFile+1))
	if err != nil {
		return nil, errors.Unwrap(err)
	}
	if len(text) > maxVOCFile {
		return nil, fmt.Errorf("the annotation is longer than %d bytes", maxVOCFile)
	}
	var a vocAnnotation
	if err := xml.Unmarshal(text, &a); err != nil {
		return nil, fmt.Errorf("not a Pascal VOC annotation: %w", err)
	}
	return &a, nil
}

// vocBorder is the value of pixels between objects, which belong to none.
const vocBorder = 255

// A vocRegion is some of the objects in an image whose pixels hold the number of
// the object they belong to, counted from 1 in the order of the annotation.
type vocRegion struct {
	path    string
	objects []uint8
}

func (r *vocRegion) bitmap(width, height int) (*Bitmap, error) {
	b, err := r.read(width, height)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r.path, err)
	}
	return b, nil
}

func (r *vocRegion) sum(h hash.Hash) error {
	fmt.Fprintln(h, r.objects, fileSum(r.path))
	return nil
}

func (r *vocRegion) read(width, height int) (*Bitmap, error) {
	f, err := os.Open(r.path)
	if err != nil {
		return nil, errors.Unwrap(err)
	}
	defer f.Close()
	// The size is looked at first: a small file may claim many pixels.
	config, err := png.DecodeConfig(f)
	if err != nil {
		return nil, fmt.Errorf("not a PNG image: %w", err)
	}
	if err := checkMaskSize(config.Width, config.Height, width, height); err != nil {
		return nil, err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, errors.Unwrap(err)
	}
	im, err := png.Decode(f)
	if err != nil {
		return nil, fmt.Errorf("the PNG image is damaged: %w", err)
	}
	pixels, stride, err := numbersOf(im)
	if err != nil {
		return nil, err
	}
	var marked [256]uint8
	for _, n := range r.objects {
		marked[n] = 1
	}
	b := newBitmap(width, height)
	for y := range height {
		for x, n := range pixels[y*stride:][:width] {
			b.Pix[y*width+x] = marked[n]
		}
	}
	return b, nil
}

// numbersOf returns the pixels of an image as the numbers that the file holds,
// before a palette makes colours of them.
func numbersOf(im image.Image) (pixels []uint8, stride int, err error) {
	switch im := im.(type) {
	case *image.Paletted:
		return im.Pix, im.Stride, nil
	case *image.Gray:
		return im.Pix, im.Stride, nil
	}
	return nil, 0, errors.New("the pixels are colours, want the numbers of objects (a palette, or gray)")
}

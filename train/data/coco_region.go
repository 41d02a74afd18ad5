package data

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
)

// A cocoRegion is the mask that annotations of a COCO file draw.
type cocoRegion struct {
	path          string
	width, height int32  // of the image, as the file says; 0 where it does not
	at            []span // of the annotations
}

func (r *cocoRegion) bitmap(width, height int) (*Bitmap, error) {
	b, err := r.draw(width, height)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r.path, err)
	}
	return b, nil
}

func (r *cocoRegion) sum(h hash.Hash) error {
	f, err := os.Open(r.path)
	if err != nil {
		return err
	}
	defer f.Close()
	fmt.Fprintln(h, r.width, r.height)
	for _, at := range r.at {
		if _, err := io.Copy(h, io.NewSectionReader(f, at.offset, int64(at.length))); err != nil {
			return fmt.Errorf("%s: %w", r.path, err)
		}
	}
	return nil
}

func (r *cocoRegion) draw(width, height int) (*Bitmap, error) {
	if r.width != 0 || r.height != 0 {
		if err := checkMaskSize(int(r.width), int(r.height), width, height); err != nil {
			return nil, err
		}
	}
	f, err := os.Open(r.path)
	if err != nil {
		return nil, errors.Unwrap(err)
	}
	defer f.Close()
	b := newBitmap(width, height)
	for _, at := range r.at {
		text := make([]byte, at.length)
		if _, err := f.ReadAt(text, at.offset); err != nil {
			return nil, fmt.Errorf("reading byte %d: %w", at.offset, err)
		}
		if err := drawAnnotation(b, bytes.TrimLeft(text, ","+jsonSpace)); err != nil {
			return nil, fmt.Errorf("annotation at byte %d: %w", at.offset, err)
		}
	}
	return b, nil
}

// drawAnnotation adds to b what an annotation marks, which may be written in three
// ways.
func drawAnnotation(b *Bitmap, annotation []byte) error {
	var a struct {
		Segmentation json.RawMessage `json:"segmentation"`
	}
	if err := json.Unmarshal(annotation, &a); err != nil {
		return fmt.Errorf("the file has changed since it was opened: %w", err)
	}
	value := bytes.TrimSpace(a.Segmentation)
	if len(value) == 0 {
		return errors.New("the file has changed since it was opened: there is no segmentation")
	}
	if value[0] == '[' {
		return drawPolygons(b, value)
	}
	return drawRuns(b, value)
}

func drawPolygons(b *Bitmap, value []byte) error {
	var polygons [][]float64
	if err := json.Unmarshal(value, &polygons); err != nil {
		return fmt.Errorf("the segmentation is no list of polygons: %w", err)
	}
	left := maxOutline
	for _, corners := range polygons {
		length, err := fillPolygon(b, corners, left)
		if err != nil {
			return err
		}
		left -= length
	}
	return nil
}

func drawRuns(b *Bitmap, value []byte) error {
	var runs struct {
		Size   []int           `json:"size"` // height, width
		Counts json.RawMessage `json:"counts"`
	}
	if err := json.Unmarshal(value, &runs); err != nil {
		return fmt.Errorf("the segmentation holds no run lengths: %w", err)
	}
	if len(runs.Size) != 2 {
		return fmt.Errorf("the size of the run lengths is %v, want height and width", runs.Size)
	}
	if err := checkMaskSize(runs.Size[1], runs.Size[0], b.Width, b.Height); err != nil {
		return err
	}
	counts, err := readCounts(runs.Counts)
	if err != nil {
		return err
	}
	return fillRuns(b, counts)
}

// readCounts reads run lengths, which are a list of numbers or compressed text.
func readCounts(value []byte) ([]int, error) {
	var text string
	if json.Unmarshal(value, &text) == nil {
		return unpackRuns(text)
	}
	var counts []int
	if err := json.Unmarshal(value, &counts); err != nil {
		return nil, fmt.Errorf(`"counts" is neither text nor a list of whole numbers: %w`, err)
	}
	return counts, nil
}

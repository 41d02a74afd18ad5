package data

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"megl-edge/runtime/vision"
)

// cocoText is a COCO file of four photos of 4×3 pixels. Annotations stand before
// what they refer to, and in no order.
const cocoText = `{
  "info": {"year": 2017, "tags": [1, {"a": null}]},
  "annotations": [
    {"id": 1, "image_id": 20, "category_id": 7, "area": 2, "iscrowd": 0, "segmentation": [[0, 0, 2, 0, 2, 1, 0, 1]]},
    {"id": 2, "image_id": 10, "category_id": 3, "area": 9, "iscrowd": 1,
     "segmentation": {"size": [3, 4], "counts": [9, 3]}} ,
    {"id": 3, "image_id": 20, "category_id": 3, "area": 4, "iscrowd": 0, "segmentation": [
      [2, 0, 4, 0, 4, 1, 2, 1],
      [2, 2, 4, 2, 4, 3, 2, 3]]},
    {"id": 4, "image_id": 10, "category_id": 7, "area": 3, "iscrowd": 0, "segmentation": [[0, 0, 1, 0, 1, 3, 0, 3]]},
    {"id": 5, "image_id": 20, "category_id": 3, "area": 1, "iscrowd": 1, "segmentation": {"size": [3, 4], "counts": "01;"}},
    {"id": 6, "image_id": 30, "category_id": 7, "bbox": [0, 0, 2, 2], "segmentation": []},
    {"id": 7, "image_id": 99, "category_id": 7, "area": 3}
  ],
  "images": [
    {"id": 20, "file_name": "b.png", "width": 4, "height": 3},
    {"id": 10, "file_name": "a.png", "width": 4, "height": 3},
    {"id": 30, "file_name": "c.png"},
    {"id": 40, "file_name": "d.png"}
  ],
  "categories": [{"id": 7, "name": "dog", "supercategory": "animal"}, {"id": 3, "name": "cat"}]
}
`

const captionsText = `{"images": [{"id": 10, "file_name": "x"}], "annotations": [
  {"id": 1, "image_id": 20, "caption": " Two cats. "}, {"id": 2, "image_id": 40, "caption": "Nothing."},
  {"id": 3, "image_id": 20, "caption": "A dog above cats."}]}`

func cocoTree(t testing.TB) string {
	t.Helper()
	folder := t.TempDir()
	write(t, captionsText, folder, "annotations", "captions_val.json")
	for _, name := range []string{"a.png", "b.png", "c.png", "d.png"} {
		drawnPNG(t, grayOf(make([]uint8, 4), make([]uint8, 4), make([]uint8, 4)), folder, "val", name)
	}
	return write(t, cocoText, folder, "annotations", "instances_val.json")
}

func TestCOCO(t *testing.T) {
	path := cocoTree(t)
	folder := filepath.Dir(filepath.Dir(path))
	for _, given := range []string{path, folder, filepath.Dir(path)} {
		rows, err := collect(t, given)
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range []struct {
			name, label, mask string
			sentences         []string
		}{
			{"b.png", "cat", "#.##\n....\n..##\n", []string{"Two cats.", "A dog above cats."}},
			{"a.png", "dog", "#...\n#...\n#...\n", nil}, // the crowd does not count
			{"c.png", "dog", "", nil},
			{"d.png", "", "", []string{"Nothing."}},
		} {
			row := rows[i]
			if row.Image != filepath.Join(folder, "val", want.name) || row.Label != want.label || !slices.Equal(row.Rationales, want.sentences) {
				t.Errorf("row %d is %+v, want %+v", i, row, want)
			}
			if row.HasMask() != (want.mask != "") {
				t.Errorf("row %d: HasMask is %v", i, row.HasMask())
			}
			b, err := row.ReadMask(4, 3)
			if err != nil || picture(b) != want.mask {
				t.Errorf("row %d: mask\n%s(%v), want\n%s", i, picture(b), err, want.mask)
			}
		}
		if len(rows) != 4 || rows[0].ID != "20" {
			t.Errorf("%d rows, the first %+v", len(rows), rows[0])
		}
		var misfit *MaskSizeError
		if _, err := rows[0].ReadMask(3, 4); !errors.As(err, &misfit) {
			t.Errorf("error %v for a turned photo", err)
		}
	}
}

// A file of captions alone gives sentences without labels.
func TestCOCOCaptionsAlone(t *testing.T) {
	rows, err := collect(t, write(t, captionsText, t.TempDir(), "captions_val.json"))
	if err != nil || len(rows) != 1 || rows[0].Label != "" || rows[0].HasMask() {
		t.Errorf("rows %+v (%v)", rows, err)
	}
}

func TestCOCOErrors(t *testing.T) {
	const image = `{"images": [{"id": 1, "file_name": "a.jpg"}], `
	for name, c := range map[string]struct{ text, want string }{
		"cut off":          {cocoText[:700], "the file is cut off"},
		"not JSON":         {strings.Replace(cocoText, `"area": 2`, `"area" 2`, 1), "annotation 0, which ends at byte"},
		"no list":          {`{"images": [], "annotations": {}}`, "found {, want ["},
		"no images":        {`{"images": []}`, "no images in the COCO file"},
		"image without id": {`{"images": [{"file_name": "a"}]}`, `image 0, which ends at byte 30: "id" or "file_name" is missing`},
		"image twice":      {`{"images": [{"id": 1, "file_name": "a"}, {"id": 1, "file_name": "b"}]}`, "image 1 occurs twice"},
		"image size":       {`{"images": [{"id": 1, "file_name": "a", "width": -3}]}`, "the size is -3x0"},
		"id is text":       {`{"images": [{"id": "1", "file_name": "a"}]}`, "cannot unmarshal string"},
		"category twice":   {image + `"categories": [{"id": 1, "name": "a"}, {"id": 1, "name": "b"}]}`, "category 1 occurs twice"},
		"category unnamed": {image + `"categories": [{"id": 1}]}`, `"id" or "name" is missing`},
		"unknown category": {image + `"annotations": [{"image_id": 1, "category_id": 5}]}`, "image 1 has category 5, which is not in the file"},
		"no category":      {image + `"annotations": [{"image_id": 1}]}`, `"category_id" and "caption" are missing`},
		"no image id":      {image + `"annotations": [{"category_id": 1}]}`, `"image_id" is missing`},
		"long value":       {image + `"annotations": [{"x": "` + strings.Repeat("x", maxValue+1<<20) + `"}]}`, "longer than 16777216 bytes"},
		"long text":        {image + `"info": ["` + strings.Repeat("x", maxValue+1<<20) + `"]}`, "longer than 16777216 bytes"},
	} {
		path := write(t, c.text, t.TempDir(), "set.json")
		_, err := collect(t, path)
		if err == nil || !strings.HasPrefix(err.Error(), path+": ") || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %s", name, err, c.want)
		}
	}
}

func TestCOCOMaskErrors(t *testing.T) {
	for segmentation, want := range map[string]string{
		`{"size": [4, 3], "counts": [12]}`:    "the mask has 3x4 pixels, the upright photo 4x3",
		`{"size": [3], "counts": [12]}`:       "want height and width",
		`{"size": [3, 4], "counts": [11]}`:    "cover 11 pixels, want 12",
		`{"size": [3, 4], "counts": "1p"}`:    "character 'p'",
		`{"size": [3, 4], "counts": [0.5]}`:   "neither text nor a list of whole numbers",
		`{"size": [3, 4]}`:                    `"counts" is neither`,
		`[[1, 1, 2, 2]]`:                      "a polygon of 4 numbers",
		`[1, 1, 2, 2, 1, 2]`:                  "no list of polygons",
		`"polygon"`:                           "holds no run lengths",
		`[[0, 0, 1e300, 0, 1, 1]]`:            "far outside any photo",
		`[[0, 0, 900000, 0, 0, 1, 900000,0]]`: "longer than any of a photo",
	} {
		text := `{"images": [{"id": 1, "file_name": "a.jpg"}], "categories": [{"id": 1, "name": "b"}],
			"annotations": [{"image_id": 1, "category_id": 1, "segmentation": ` + segmentation + `}]}`
		path := write(t, text, t.TempDir(), "set.json")
		rows, err := collect(t, path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := rows[0].ReadMask(4, 3); err == nil || !strings.HasPrefix(err.Error(), path+": ") || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %s", segmentation, err, want)
		}
		if err := os.WriteFile(path, []byte("changed"), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := rows[0].ReadMask(4, 3); err == nil || !strings.HasPrefix(err.Error(), path+": ") {
			t.Errorf("error %v for a file that has changed", err)
		}
	}
}

// TestCOCOStreams reads a file of 64 MB, whose annotations have long outlines,
// and looks at the memory in use at many places of it.
func TestCOCOStreams(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	const images, size, most = 2000, 64 << 20, 16 << 20
	var before runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	pipe, w := io.Pipe()
	go func() { w.CloseWithError(writeLongCOCO(w, images, size)) }()
	watched := &watchedReader{from: pipe, each: 8 << 20, look: func() {
		var now runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&now)
		if held := int64(now.HeapAlloc) - int64(before.HeapAlloc); held > most {
			t.Errorf("%d bytes are held, want at most %d", held, most)
		}
	}}
	c := &coco{rows: map[int64]int32{}, categories: map[int64]string{}}
	if err := c.read(watched, true); err != nil {
		t.Fatal(err)
	}
	if watched.total < size || len(c.images) != images || len(c.objects) < images {
		t.Errorf("%d bytes, %d images, %d objects", watched.total, len(c.images), len(c.objects))
	}
}

// writeLongCOCO writes a COCO file of at least size bytes.
func writeLongCOCO(w io.Writer, images, size int) error {
	fmt.Fprint(w, `{"images": [{"id": 0, "file_name": "0.jpg"}`)
	for i := range images - 1 {
		fmt.Fprintf(w, `, {"id": %d, "file_name": "%d.jpg"}`, i+1, i+1)
	}
	fmt.Fprint(w, `], "categories": [{"id": 1, "name": "a"}], "annotations": [`)
	outline := strings.Repeat("123.45, 67.5, ", 1000) + "1, 2"
	between := ""
	for written, i := 0, 0; written < size; i++ {
		n, err := fmt.Fprintf(w, `%s{"image_id": %d, "category_id": 1, "area": 5.5, "segmentation": [[%s]]}`, between, i%images, outline)
		if err != nil {
			return err
		}
		written += n
		between = ", "
	}
	_, err := fmt.Fprint(w, `]}`)
	return err
}

// A watchedReader calls look after every each bytes.
type watchedReader struct {
	from        io.Reader
	total, each int
	look        func()
}

func (r *watchedReader) Read(p []byte) (int, error) {
	n, err := r.from.Read(p)
	if (r.total+n)/r.each > r.total/r.each {
		r.look()
	}
	r.total += n
	return n, err
}

// The masks of real photos. That of a crowd has the area that the file states.
func TestRealCOCO(t *testing.T) {
	folder := sharedData(t, "coco_mini")
	rows, err := collect(t, folder)
	if err != nil {
		t.Fatal(err)
	}
	masks, sentences := 0, 0
	for _, row := range rows {
		im, err := vision.DecodeFile(row.Image, vision.DefaultLimits)
		if err != nil {
			t.Fatal(err)
		}
		b, err := row.ReadMask(im.Width, im.Height)
		if err != nil {
			t.Fatal(err)
		}
		if b != nil && !b.Empty() && row.Label != "" {
			masks++
		}
		sentences += len(row.Rationales)
	}
	if len(rows) != 79 || masks != 79 || sentences < 5*79 {
		t.Errorf("%d rows, %d masks, %d sentences", len(rows), masks, sentences)
	}
}

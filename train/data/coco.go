package data

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

const (
	instancesPrefix = "instances_"
	captionsPrefix  = "captions_"
)

// eachCOCO yields a row for each image of the COCO file at path, in the order of
// the file. Sentences come from the file of captions beside it, if there is one.
func eachCOCO(path string, yield func(Row) bool) error {
	c := &coco{rows: map[int64]int32{}, categories: map[int64]string{}}
	if err := c.readFile(path, true); err != nil {
		return err
	}
	if captions := captionsBeside(path); captions != "" {
		if err := c.readFile(captions, false); err != nil {
			return err
		}
	}
	return c.each(path, yield)
}

// captionsBeside returns the captions file that belongs to a file of instances,
// or "".
func captionsBeside(path string) string {
	folder, name := filepath.Split(path)
	split, ok := strings.CutPrefix(name, instancesPrefix)
	if !ok {
		return ""
	}
	captions := filepath.Join(folder, captionsPrefix+split)
	if _, err := os.Stat(captions); err != nil {
		return ""
	}
	return captions
}

// coco is what is kept of COCO files while they are read: of each object some 40
// bytes, however long its outline is.
type coco struct {
	images     []cocoImage
	rows       map[int64]int32 // image id → index in images
	categories map[int64]string
	objects    []cocoObject
	captions   map[int64][]string // by image id
}

type cocoImage struct {
	id            int64
	name          string
	width, height int32
}

// A cocoObject is an annotation that marks an object.
type cocoObject struct {
	image, category int64
	area            float64
	at              span // where the annotation stands in the file, empty if it holds no outline
	crowd           bool
}

// A span is a place in a file.
type span struct {
	offset int64
	length int32
}

func (c *coco) readFile(path string, images bool) error {
	f, err := os.Open(path)
	if err != nil {
		return pathFirst(err)
	}
	defer f.Close()
	if err := c.read(f, images); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// read reads one file. Where images is false, its images and categories are known
// from another file and left out, and so are objects.
func (c *coco) read(r io.Reader, images bool) error {
	d := newCOCODecoder(r)
	if err := d.delimiter('{'); err != nil {
		return err
	}
	for d.json.More() {
		key, err := d.token()
		if err != nil {
			return err
		}
		switch {
		case key == "annotations":
			err = d.list("annotation", func() error { return c.readAnnotation(d, images) })
		case key == "images" && images:
			err = d.list("image", func() error { return c.readImage(d) })
		case key == "categories" && images:
			err = d.list("category", func() error { return c.readCategory(d) })
		default:
			err = d.skip()
		}
		if err != nil {
			return err
		}
	}
	return d.delimiter('}')
}

func (c *coco) readImage(d *cocoDecoder) error {
	var im struct {
		ID       *int64 `json:"id"`
		FileName string `json:"file_name"`
		Width    int32  `json:"width"`
		Height   int32  `json:"height"`
	}
	if _, err := d.value(&im); err != nil {
		return err
	}
	switch {
	case im.ID == nil || im.FileName == "":
		return errors.New(`"id" or "file_name" is missing`)
	case im.Width < 0 || im.Height < 0:
		return fmt.Errorf("the size is %dx%d", im.Width, im.Height)
	}
	if _, twice := c.rows[*im.ID]; twice {
		return fmt.Errorf("image %d occurs twice", *im.ID)
	}
	c.rows[*im.ID] = int32(len(c.images))
	c.images = append(c.images, cocoImage{*im.ID, im.FileName, im.Width, im.Height})
	return nil
}

func (c *coco) readCategory(d *cocoDecoder) error {
	var category struct {
		ID   *int64 `json:"id"`
		Name string `json:"name"`
	}
	if _, err := d.value(&category); err != nil {
		return err
	}
	if category.ID == nil || category.Name == "" {
		return errors.New(`"id" or "name" is missing`)
	}
	if _, twice := c.categories[*category.ID]; twice {
		return fmt.Errorf("category %d occurs twice", *category.ID)
	}
	c.categories[*category.ID] = category.Name
	return nil
}

// A cocoAnnotation is an object or a caption.
type cocoAnnotation struct {
	ImageID      *int64    `json:"image_id"`
	CategoryID   *int64    `json:"category_id"`
	Area         float64   `json:"area"`
	Box          []float64 `json:"bbox"`
	Crowd        int       `json:"iscrowd"`
	Segmentation presence  `json:"segmentation"`
	Caption      string    `json:"caption"`
}

// presence tells whether a JSON value says anything: true unless it is null or a
// list of nothing.
type presence bool

func (p *presence) UnmarshalJSON(value []byte) error {
	*p = len(bytes.TrimLeft(value, "[]"+jsonSpace)) > 0 && kindOf(value) != isNull
	return nil
}

func (c *coco) readAnnotation(d *cocoDecoder, objects bool) error {
	var a cocoAnnotation
	at, err := d.value(&a)
	switch {
	case err != nil:
		return err
	case a.ImageID == nil:
		return errors.New(`"image_id" is missing`)
	case a.Caption != "":
		if c.captions == nil {
			c.captions = map[int64][]string{}
		}
		c.captions[*a.ImageID] = append(c.captions[*a.ImageID], strings.TrimSpace(a.Caption))
	case a.CategoryID == nil:
		return errors.New(`"category_id" and "caption" are missing`)
	case objects:
		if a.Area == 0 && len(a.Box) == 4 {
			a.Area = float64(a.Box[2] * a.Box[3])
		}
		if !a.Segmentation {
			at = span{}
		}
		c.objects = append(c.objects, cocoObject{*a.ImageID, *a.CategoryID, a.Area, at, a.Crowd != 0})
	}
	return nil
}

// each yields the rows. The label of an image is the category of its largest
// object; crowds count only where there are no single objects. The mask is all
// that belongs to this category, crowds too: any of it is evidence.
func (c *coco) each(path string, yield func(Row) bool) error {
	dominant := make([]*cocoObject, len(c.images))
	for i := range c.objects {
		o := &c.objects[i]
		row, ok := c.rows[o.image]
		if !ok {
			continue // the file lists some of the images only
		}
		if _, ok := c.categories[o.category]; !ok {
			return fmt.Errorf("%s: an annotation of image %d has category %d, which is not in the file", path, o.image, o.category)
		}
		if best := dominant[row]; best == nil || best.crowd && !o.crowd || best.crowd == o.crowd && o.area > best.area {
			dominant[row] = o
		}
	}
	regions := make([]*cocoRegion, len(c.images))
	for _, o := range c.objects {
		row, ok := c.rows[o.image]
		if !ok || o.at.length == 0 || o.category != dominant[row].category {
			continue
		}
		if regions[row] == nil {
			im := c.images[row]
			regions[row] = &cocoRegion{path: path, width: im.width, height: im.height}
		}
		regions[row].at = append(regions[row].at, o.at)
	}
	folder := c.imageFolder(path)
	for i, im := range c.images {
		row := Row{ID: strconv.FormatInt(im.id, 10), Image: resolve(folder, im.name), Rationales: c.captions[im.id]}
		if o := dominant[i]; o != nil {
			row.Label = c.categories[o.category]
		}
		if regions[i] != nil {
			row.Region = regions[i]
		}
		if !yield(row) {
			return nil
		}
	}
	return nil
}

// imageFolder returns the folder that the names of the images are relative to. A
// file annotations/instances_train.json usually has them in train, next to
// annotations. The folder that holds most of the first images is taken.
func (c *coco) imageFolder(path string) string {
	here := filepath.Dir(path)
	up := filepath.Dir(here)
	name := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	split := strings.TrimPrefix(strings.TrimPrefix(name, instancesPrefix), captionsPrefix)
	best, most := "", -1
	for _, folder := range []string{
		filepath.Join(up, split), filepath.Join(up, "images", split), filepath.Join(up, "images"), up,
		here, filepath.Join(here, split), filepath.Join(here, "images"),
	} {
		const enough = 16
		found := 0
		for _, im := range c.images[:min(len(c.images), enough)] {
			if _, err := os.Stat(resolve(folder, im.name)); err == nil {
				found++
			}
		}
		if found > most {
			best, most = folder, found
		}
	}
	return best
}

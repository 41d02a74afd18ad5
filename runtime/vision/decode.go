package vision

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"io/fs"
	"os"

	"golang.org/x/image/bmp"
)

// DecodeFile reads the image file at path; see [Decode]. Errors begin with the path.
func DecodeFile(path string, limits Limits) (*Image, error) {
	im, err := decodeFile(path, limits)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return im, nil
}

func decodeFile(path string, limits Limits) (*Image, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, openError(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("reading the file: %w", err)
	}
	if info.IsDir() {
		return nil, errors.New("is a directory, not an image file")
	}
	if info.Mode().IsRegular() {
		if err := limits.orDefault().checkBytes(info.Size()); err != nil {
			return nil, err
		}
	}
	return Decode(f, limits)
}

// openError takes the path out of err: the caller puts it in front.
func openError(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		err = p.Err
	}
	return fmt.Errorf("cannot open the file: %w", err)
}

// Decode reads a JPEG, PNG, GIF (first frame), WebP (still) or BMP image and
// returns it upright: the EXIF orientation is applied. The content decides the
// format. Transparent pixels are laid over white; a GIF frame smaller than its
// canvas leaves the rest white.
//
// Memory follows the length of the input: a file that claims more pixels than
// limits allow, or than its bytes can encode, is refused before pixels are
// allocated. The peak is 5 to 20 bytes per pixel; progressive JPEG needs the
// most.
func Decode(r io.Reader, limits Limits) (*Image, error) {
	limits = limits.orDefault()
	data, f, err := read(r, limits)
	if err != nil {
		return nil, err
	}
	width, height, err := f.size(data, limits)
	if err != nil {
		return nil, err
	}
	m, err := f.decode(bytes.NewReader(data))
	if err != nil {
		return nil, f.explain(err)
	}
	if !m.Bounds().In(image.Rect(0, 0, width, height)) {
		return nil, fmt.Errorf("%s data is damaged: the picture %v leaves its canvas of %dx%d pixels",
			f.name, m.Bounds(), width, height)
	}
	o := upright
	if f.exif != nil {
		o = exifOrientation(f.exif(data))
	}
	return render(newRowReader(m, f.limitedRange), m.Bounds(), width, height, o), nil
}

// read returns the whole input and its format. Input of an unknown format is
// not read beyond its first bytes.
func read(r io.Reader, limits Limits) ([]byte, *format, error) {
	data, err := io.ReadAll(io.LimitReader(r, sniffLen))
	if err != nil {
		return nil, nil, fmt.Errorf("reading the image: %w", err)
	}
	if len(data) == 0 {
		return nil, nil, errors.New("input is empty, there is no image in it")
	}
	f, err := sniff(data)
	if err != nil {
		return nil, nil, err
	}
	rest := io.LimitReader(r, int64(limits.MaxBytes)) // with the head, enough to see an excess
	data, err = io.ReadAll(io.MultiReader(bytes.NewReader(data), rest))
	if err != nil {
		return nil, nil, fmt.Errorf("reading the image: %w", err)
	}
	return data, f, limits.checkBytes(int64(len(data)))
}

// size returns the size that the header claims, after checking that it is
// within the limits and that so many bytes can hold it.
func (f *format) size(data []byte, limits Limits) (width, height int, err error) {
	if f.check != nil {
		if err := f.check(data, limits); err != nil {
			return 0, 0, err
		}
	}
	c, err := f.config(bytes.NewReader(data))
	if err != nil {
		return 0, 0, f.explain(err)
	}
	if err := limits.check(int64(c.Width), int64(c.Height)); err != nil {
		return 0, 0, fmt.Errorf("%s %w", f.name, err)
	}
	if int64(len(data)) < f.minBytes(data, int64(c.Width), int64(c.Height)) {
		return 0, 0, fmt.Errorf("%s data is truncated or damaged: %d bytes cannot hold the %dx%d pixels they claim",
			f.name, len(data), c.Width, c.Height)
	}
	return c.Width, c.Height, nil
}

// explain says in words of the user what a decoder's error means.
func (f *format) explain(err error) error {
	var j jpeg.UnsupportedError
	var p png.UnsupportedError
	switch {
	case errors.As(err, &j), errors.As(err, &p), errors.Is(err, bmp.ErrUnsupported):
		return fmt.Errorf("this kind of %s is not supported; save the image again as plain JPEG or PNG: %w", f.name, err)
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return fmt.Errorf("%s data is truncated: it ends before the image does", f.name)
	}
	return fmt.Errorf("%s data is damaged or truncated: %w", f.name, err)
}

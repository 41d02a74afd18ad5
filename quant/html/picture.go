package html

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"html/template"
	"image"
	"image/color"
	"image/draw"
	"image/png"

	"megl-edge/gradcam/render"
)

// longestSide is that of a picture on the page, in pixels.
const longestSide = 320

// mostPixels of a photo are decoded, far more than any model sees.
const mostPixels = 1 << 24

// mostDeflated is how many bytes one deflated byte can stand for.
const mostDeflated = 1032

// decode returns a PNG picture in the size of the page, transparent pixels over
// white.
func decode(data []byte) (render.Photo, error) {
	config, err := png.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return render.Photo{}, fmt.Errorf("photo: %w", err)
	}
	// The decoder allocates what the head claims. A pixel takes a bit at least.
	pixels := int64(config.Width) * int64(config.Height)
	if pixels <= 0 || pixels > mostPixels || pixels/8 > mostDeflated*int64(len(data)) {
		return render.Photo{}, fmt.Errorf("photo: %d×%d pixels do not fit its %d bytes or are too many",
			config.Width, config.Height, len(data))
	}
	picture, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		return render.Photo{}, fmt.Errorf("photo: %w", err)
	}
	opaque := image.NewRGBA(image.Rect(0, 0, config.Width, config.Height))
	draw.Draw(opaque, opaque.Rect, image.NewUniform(color.White), image.Point{}, draw.Src)
	draw.Draw(opaque, opaque.Rect, picture, picture.Bounds().Min, draw.Over)
	return resized(opaque), nil
}

// resized makes the longest side fit the page: large photos shrink, each pixel
// the mean of those it stands for; small ones grow by a whole factor with sharp
// pixels, as the model sees them.
func resized(p *image.RGBA) render.Photo {
	width, height := fitted(p.Rect.Dx(), p.Rect.Dy())
	out := render.Photo{Height: height, Width: width, Pix: make([]uint8, 0, 3*width*height)}
	for y := range height {
		y0, y1 := span(y, p.Rect.Dy(), height)
		for x := range width {
			x0, x1 := span(x, p.Rect.Dx(), width)
			c := mean(p, image.Rect(x0, y0, x1, y1))
			out.Pix = append(out.Pix, c[:]...)
		}
	}
	return out
}

func fitted(width, height int) (int, int) {
	longest := max(width, height)
	if longest <= longestSide {
		factor := longestSide / longest
		return factor * width, factor * height
	}
	shrink := func(side int) int {
		return max(1, int((int64(side)*longestSide+int64(longest)/2)/int64(longest)))
	}
	return shrink(width), shrink(height)
}

// span returns which of the from pixels of a row the i-th of to pixels stands
// for.
func span(i, from, to int) (first, end int) {
	at := func(i int) int { return int(int64(i) * int64(from) / int64(to)) }
	return at(i), max(at(i)+1, at(i+1))
}

// mean returns the mean colour of a part of p, rounded half up.
func mean(p *image.RGBA, part image.Rectangle) [3]uint8 {
	var sum [3]int64
	for y := part.Min.Y; y < part.Max.Y; y++ {
		row := p.Pix[p.PixOffset(part.Min.X, y):p.PixOffset(part.Max.X, y)]
		for i := 0; i < len(row); i += 4 {
			for c := range sum {
				sum[c] += int64(row[i+c])
			}
		}
	}
	n := int64(part.Dx()) * int64(part.Dy())
	var colour [3]uint8
	for c := range sum {
		colour[c] = uint8((sum[c] + n/2) / n)
	}
	return colour
}

// overlay draws a map over a photo and returns it as a data URL; without a map
// it is the photo.
func overlay(photo render.Photo, m render.Map) (template.URL, error) {
	options := render.DefaultOptions()
	if len(m.Values) == 0 {
		m, options.Opacity = render.Map{Height: 1, Width: 1, Values: []float32{0}}, 0
	}
	return drawn(photo, m, options)
}

// colourScale draws the colours from no to full saliency, left to right.
func colourScale() (template.URL, error) {
	const levels, height = 256, 8
	m := render.Map{Height: 1, Width: levels, Values: make([]float32, levels)}
	for i := range m.Values {
		m.Values[i] = float32(i) / (levels - 1)
	}
	options := render.DefaultOptions()
	options.Opacity = 1
	return drawn(render.Photo{Height: height, Width: levels, Pix: make([]uint8, 3*levels*height)}, m, options)
}

func drawn(photo render.Photo, m render.Map, options render.Options) (template.URL, error) {
	picture, err := render.Overlay(photo, m, photo.Bounds(), options)
	if err != nil {
		return "", err
	}
	var out bytes.Buffer
	if err := png.Encode(&out, picture); err != nil {
		return "", fmt.Errorf("picture: %w", err)
	}
	return template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(out.Bytes())), nil
}

package camera

import (
	"bytes"
	"errors"
	"fmt"

	"megl-edge/runtime/vision"
)

// Format is how the pixels of a frame are coded: a FourCC code.
type Format uint32

// The formats that this package decodes.
const (
	MJPEG Format = 'M' | 'J'<<8 | 'P'<<16 | 'G'<<24 // a JPEG file for each frame
	YUYV  Format = 'Y' | 'U'<<8 | 'Y'<<16 | 'V'<<24 // Y0 U Y1 V for two pixels
)

func (f Format) String() string {
	return string([]byte{byte(f), byte(f >> 8), byte(f >> 16), byte(f >> 24)})
}

// Frame is one picture as a camera sends it.
type Frame struct {
	Format        Format
	Width, Height int // pixels
	Stride        int // bytes of a row, of YUYV
	Data          []byte
}

// Image returns the pixels.
func (f Frame) Image() (*vision.Image, error) {
	switch f.Format {
	case MJPEG:
		return vision.Decode(bytes.NewReader(withHuffmanTables(f.Data)), vision.DefaultLimits)
	case YUYV:
		return f.fromYUYV()
	}
	return nil, fmt.Errorf("frames of format %v cannot be decoded", f.Format)
}

// fromYUYV converts by ITU-R BT.601, of which cameras use 16 to 235 for Y and 16 to 240
// for U and V, with coefficients in 1/65536.
func (f Frame) fromYUYV() (*vision.Image, error) {
	if f.Width <= 0 || f.Height <= 0 || f.Width%2 != 0 || f.Stride < 2*f.Width || len(f.Data) < f.Stride*(f.Height-1)+2*f.Width {
		return nil, fmt.Errorf("a frame of %d×%d pixels with %d bytes a row has %d bytes: it was cut", f.Width, f.Height, f.Stride, len(f.Data))
	}
	im := &vision.Image{Width: f.Width, Height: f.Height, Pix: make([]byte, 3*f.Width*f.Height)}
	at := 0
	for y := range f.Height {
		row := f.Data[y*f.Stride:]
		for x := 0; x < 2*f.Width; x += 4 {
			u, v := int(row[x+1])-128, int(row[x+3])-128
			for _, luma := range [2]byte{row[x], row[x+2]} {
				const half = 1 << 15
				light := 76309*(int(luma)-16) + half
				im.Pix[at] = clamped((light + 104597*v) >> 16)
				im.Pix[at+1] = clamped((light - 25675*u - 53279*v) >> 16)
				im.Pix[at+2] = clamped((light + 132201*u) >> 16)
				at += 3
			}
		}
	}
	return im, nil
}

func clamped(v int) byte { return byte(min(max(v, 0), 255)) }

// ErrOff says that there is no camera, or that it went away.
var ErrOff = errors.New("is no camera that can be read")

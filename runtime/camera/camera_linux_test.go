package camera

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// fake is a camera whose buffers lie in a file, as a real one's lie in a device.
type fake struct {
	t       *testing.T
	file    *os.File
	formats []Format // that it has
	format  pixelFormat
	length  int      // of a buffer
	queued  []uint32 // buffers that wait for a frame, the oldest first
	filled  []buffer // that wait to be taken
	frames  [][]byte // to send, one each time somebody looks
	atOnce  int      // how many each time
	flags   []uint32 // of the frames
	on      bool
	gone    bool
	flagged uint32 // capabilities
}

func newFake(t *testing.T, formats ...Format) *fake {
	t.Helper()
	file, err := os.Create(filepath.Join(t.TempDir(), "camera"))
	if err != nil {
		t.Fatal(err)
	}
	f := &fake{t: t, file: file, formats: formats, length: 64 << 10, atOnce: 1, flagged: canCapture | canStream}
	if err := file.Truncate(int64(f.length * wantedBuffers)); err != nil {
		t.Fatal(err)
	}
	return f
}

func (f *fake) ioctl(request uintptr, argument unsafe.Pointer) error {
	switch request {
	case queryCapability:
		(*capability)(argument).capabilities = f.flagged
	case setFormat:
		pix := &(*format)(argument).pix
		if len(f.formats) == 1 || Format(pix.fourCC) != f.formats[0] {
			pix.fourCC = uint32(f.formats[len(f.formats)-1])
		}
		pix.width, pix.height, pix.bytesPerLine = 32, 16, 80
		f.format = *pix
	case requestBuffers:
		(*bufferRequest)(argument).count = 3 // fewer than asked for
	case queryBuffer:
		b := (*buffer)(argument)
		b.offset, b.length = uintptr(int(b.index)*f.length), uint32(f.length)
	case queueBuffer:
		f.queued = append(f.queued, (*buffer)(argument).index)
	case streamOn:
		f.on = true
	case streamOff:
		f.on = false
	case takeBuffer:
		if f.gone {
			return unix.ENODEV
		}
		if len(f.filled) == 0 {
			return unix.EAGAIN
		}
		*(*buffer)(argument) = f.filled[0]
		f.filled = f.filled[1:]
	default:
		f.t.Fatalf("unknown request %#x", request)
	}
	return nil
}

func (f *fake) mmap(offset int64, length int) ([]byte, error) {
	return unix.Mmap(int(f.file.Fd()), offset, length, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
}

// ready fills the queued buffers with the next frames.
func (f *fake) ready(int) (bool, error) {
	for range f.atOnce {
		if len(f.frames) == 0 || len(f.queued) == 0 {
			break
		}
		index := f.queued[0]
		if _, err := f.file.WriteAt(f.frames[0], int64(index)*int64(f.length)); err != nil {
			f.t.Fatal(err)
		}
		b := buffer{index: index, bytesUsed: uint32(len(f.frames[0]))}
		if len(f.flags) > 0 {
			b.flags, f.flags = f.flags[0], f.flags[1:]
		}
		f.filled, f.queued, f.frames = append(f.filled, b), f.queued[1:], f.frames[1:]
	}
	return len(f.filled) > 0 || f.gone, nil
}

func (f *fake) close() error { return f.file.Close() }

func started(t *testing.T, f *fake) *Camera {
	t.Helper()
	c, err := start("/dev/fake", f)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil || f.on {
			t.Errorf("after closing: on %v, %v", f.on, err)
		}
	})
	return c
}

func next(t *testing.T, c *Camera) Frame {
	t.Helper()
	frame, err := c.Next(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return frame
}

// photo is a JPEG file of one colour.
func photo(t *testing.T, c color.RGBA) []byte {
	t.Helper()
	im := image.NewRGBA(image.Rect(0, 0, 32, 16))
	for i := 0; i < len(im.Pix); i += 4 {
		copy(im.Pix[i:], []byte{c.R, c.G, c.B, 255})
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, im, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func requireColour(t *testing.T, frame Frame, want [3]byte) {
	t.Helper()
	im, err := frame.Image()
	if err != nil {
		t.Fatal(err)
	}
	if im.Width != 32 || im.Height != 16 {
		t.Errorf("%d×%d pixels", im.Width, im.Height)
	}
	for i, v := range im.Pix {
		if d := int(v) - int(want[i%3]); d < -3 || d > 3 {
			t.Fatalf("pixel %d is %v, want %v", i/3, im.Pix[i-i%3:i-i%3+3], want)
		}
	}
}

// The newest good frame is taken; the buffers go round.
func TestMJPEG(t *testing.T) {
	f := newFake(t, MJPEG, YUYV)
	c := started(t, f)
	colours := []color.RGBA{{R: 200}, {G: 150}, {B: 100}, {R: 50, G: 50, B: 50}}
	for range 3 {
		for _, colour := range colours {
			f.frames = append(f.frames, photo(t, colour))
		}
	}
	requireColour(t, next(t, c), [3]byte{200, 0, 0})
	f.atOnce = 2
	requireColour(t, next(t, c), [3]byte{0, 0, 100})
	f.flags = []uint32{0, frameIsBad}
	requireColour(t, next(t, c), [3]byte{50, 50, 50})
	f.atOnce = 3
	requireColour(t, next(t, c), [3]byte{50, 50, 50})
	if len(f.queued) != 3 {
		t.Errorf("%d buffers are queued", len(f.queued))
	}
}

// Frames without Huffman tables, as many cameras send them, are decoded.
func TestMJPEGWithoutTables(t *testing.T) {
	whole := photo(t, color.RGBA{R: 10, G: 200, B: 90})
	at := bytes.Index(whole, []byte{marker, huffman})
	for bytes.HasPrefix(whole[at:], []byte{marker, huffman}) {
		end := at + 2 + int(whole[at+2])<<8 + int(whole[at+3])
		whole = append(whole[:at:at], whole[end:]...)
	}
	requireColour(t, Frame{Format: MJPEG, Data: whole}, [3]byte{10, 200, 90})
	if _, err := (Frame{Format: MJPEG, Data: whole[:20]}).Image(); err == nil {
		t.Error("a cut frame is decoded")
	}
}

func TestYUYV(t *testing.T) {
	f := newFake(t, YUYV)
	c := started(t, f)
	pattern := func(y, u, v byte) []byte {
		row := append(bytes.Repeat([]byte{y, u, y, v}, 16), make([]byte, 16)...) // rows are padded
		return bytes.Repeat(row, 16)
	}
	for _, colour := range []struct{ yuv, rgb [3]byte }{
		{[3]byte{16, 128, 128}, [3]byte{0, 0, 0}},
		{[3]byte{235, 128, 128}, [3]byte{255, 255, 255}},
		{[3]byte{81, 90, 240}, [3]byte{255, 0, 0}}, // the colours of a test picture
		{[3]byte{145, 54, 34}, [3]byte{0, 255, 0}},
		{[3]byte{41, 240, 110}, [3]byte{0, 0, 255}},
	} {
		f.frames = [][]byte{pattern(colour.yuv[0], colour.yuv[1], colour.yuv[2])}
		requireColour(t, next(t, c), colour.rgb)
	}
	f.frames = [][]byte{pattern(0, 0, 0)[:500]}
	if _, err := next(t, c).Image(); err == nil || !strings.Contains(err.Error(), "cut") {
		t.Errorf("a cut frame: %v", err)
	}
}

func TestCamerasThatCannotBeRead(t *testing.T) {
	f := newFake(t, Format('N'|'V'<<8|'1'<<16|'2'<<24))
	if _, err := start("/dev/fake", f); err == nil || !strings.Contains(err.Error(), "neither MJPEG nor YUYV, but NV12") {
		t.Errorf("a camera of another format: %v", err)
	}
	f = newFake(t, MJPEG)
	f.flagged = canStream
	if _, err := start("/dev/fake", f); !errors.Is(err, ErrOff) {
		t.Errorf("a device that captures nothing: %v", err)
	}
	f = newFake(t, MJPEG)
	c := started(t, f)
	f.gone = true
	if _, err := c.Next(context.Background()); !errors.Is(err, ErrOff) {
		t.Errorf("a camera that went away: %v", err)
	}
	f.gone = false
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := c.Next(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("nobody waits any more: %v", err)
	}
	if _, err := Open(filepath.Join(t.TempDir(), "none")); !errors.Is(err, ErrOff) {
		t.Errorf("no device: %v", err)
	}
	if _, err := Open("/dev/null"); !errors.Is(err, ErrOff) {
		t.Errorf("/dev/null: %v", err)
	}
}

// The structures have the sizes of linux/videodev2.h, which the requests contain.
func TestRequests(t *testing.T) {
	if unsafe.Sizeof(uintptr(0)) != 8 {
		t.Skip("the numbers are those of 64 bits")
	}
	for name, c := range map[string]struct{ got, want uintptr }{
		"VIDIOC_QUERYCAP": {queryCapability, 0x80685600}, "VIDIOC_S_FMT": {setFormat, 0xc0d05605},
		"VIDIOC_REQBUFS": {requestBuffers, 0xc0145608}, "VIDIOC_QUERYBUF": {queryBuffer, 0xc0585609},
		"VIDIOC_QBUF": {queueBuffer, 0xc058560f}, "VIDIOC_DQBUF": {takeBuffer, 0xc0585611},
		"VIDIOC_STREAMON": {streamOn, 0x40045612}, "VIDIOC_STREAMOFF": {streamOff, 0x40045613},
	} {
		if c.got != c.want {
			t.Errorf("%s is %#x, want %#x", name, c.got, c.want)
		}
	}
}

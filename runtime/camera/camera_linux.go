package camera

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Camera is a camera that sends frames. It is used by one goroutine at a time.
type Camera struct {
	path    string
	device  device
	format  pixelFormat
	buffers [][]byte // mapped
}

const (
	wantedBuffers = 4
	// The size that is asked for; a camera takes the nearest one it has.
	wantedWidth, wantedHeight = 640, 480
	// waitMilliseconds is how often a wait looks whether it should end.
	waitMilliseconds = 100
)

// Open starts a camera, such as /dev/video0. It asks for MJPEG and, where the camera has
// none, for YUYV.
func Open(path string) (*Camera, error) {
	d, err := openSystem(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %w", path, ErrOff, err)
	}
	return start(path, d)
}

func start(path string, d device) (*Camera, error) {
	c := &Camera{path: path, device: d}
	for _, step := range []func() error{c.check, c.choose, c.share, c.stream} {
		if err := step(); err != nil {
			return nil, fmt.Errorf("%s: %w", path, errors.Join(err, c.Close()))
		}
	}
	return c, nil
}

func (c *Camera) check() error {
	var can capability
	if err := c.device.ioctl(queryCapability, unsafe.Pointer(&can)); err != nil {
		return fmt.Errorf("%w: %w", ErrOff, err)
	}
	flags := can.capabilities
	if flags&hasDevice != 0 {
		flags = can.deviceCaps
	}
	if flags&canCapture == 0 || flags&canStream == 0 {
		return fmt.Errorf("%w: it sends no pictures: take another one of its devices", ErrOff)
	}
	return nil
}

// choose agrees on a format.
func (c *Camera) choose() error {
	var offered []Format
	for _, wanted := range []Format{MJPEG, YUYV} {
		f := format{kind: videoCapture}
		f.pix.width, f.pix.height, f.pix.fourCC = wantedWidth, wantedHeight, uint32(wanted)
		if err := c.device.ioctl(setFormat, unsafe.Pointer(&f)); err != nil {
			return fmt.Errorf("its format cannot be set: %w", err)
		}
		if f.pix.fourCC == uint32(wanted) {
			c.format = f.pix
			return nil
		}
		offered = append(offered, Format(f.pix.fourCC))
	}
	return fmt.Errorf("it sends neither MJPEG nor YUYV, but %v", offered[0])
}

// share maps the camera's buffers and hands them to it.
func (c *Camera) share() error {
	r := bufferRequest{count: wantedBuffers, kind: videoCapture, memory: memoryMapped}
	if err := c.device.ioctl(requestBuffers, unsafe.Pointer(&r)); err != nil {
		return fmt.Errorf("its buffers: %w", err)
	}
	for i := range r.count {
		b := buffer{index: i, kind: videoCapture, memory: memoryMapped}
		if err := c.device.ioctl(queryBuffer, unsafe.Pointer(&b)); err != nil {
			return fmt.Errorf("its buffer %d: %w", i, err)
		}
		memory, err := c.device.mmap(int64(uint32(b.offset)), int(b.length))
		if err != nil {
			return fmt.Errorf("its buffer %d: %w", i, err)
		}
		c.buffers = append(c.buffers, memory)
		if err := c.queue(i); err != nil {
			return err
		}
	}
	return nil
}

func (c *Camera) queue(i uint32) error {
	b := buffer{index: i, kind: videoCapture, memory: memoryMapped}
	if err := c.device.ioctl(queueBuffer, unsafe.Pointer(&b)); err != nil {
		return fmt.Errorf("its buffer %d: %w", i, err)
	}
	return nil
}

func (c *Camera) stream() error {
	kind := int32(videoCapture)
	if err := c.device.ioctl(streamOn, unsafe.Pointer(&kind)); err != nil {
		return fmt.Errorf("it does not start: %w", err)
	}
	return nil
}

// Next returns the newest frame that was not taken yet, and waits for it where there is
// none. Frames that the camera marks as damaged are left out.
func (c *Camera) Next(ctx context.Context) (Frame, error) {
	newest := Frame{Format: Format(c.format.fourCC), Width: int(c.format.width), Height: int(c.format.height), Stride: int(c.format.bytesPerLine)}
	for newest.Data == nil {
		if err := ctx.Err(); err != nil {
			return Frame{}, err
		}
		there, err := c.device.ready(waitMilliseconds)
		if err == nil && there {
			newest.Data, err = c.drain()
		}
		if err != nil {
			return Frame{}, fmt.Errorf("%s: %w", c.path, err)
		}
	}
	return newest, nil
}

// drain takes all frames that are there and returns a copy of the last good one.
func (c *Camera) drain() (data []byte, err error) {
	for range c.buffers {
		b := buffer{kind: videoCapture, memory: memoryMapped}
		err := c.device.ioctl(takeBuffer, unsafe.Pointer(&b))
		if errors.Is(err, unix.EAGAIN) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("%w any more: %w", ErrOff, err)
		}
		if int(b.index) >= len(c.buffers) || int(b.bytesUsed) > len(c.buffers[b.index]) {
			return nil, fmt.Errorf("buffer %d with %d bytes is none of its buffers", b.index, b.bytesUsed)
		}
		if b.flags&frameIsBad == 0 && b.bytesUsed > 0 {
			data = slices.Clone(c.buffers[b.index][:b.bytesUsed])
		}
		if err := c.queue(b.index); err != nil {
			return nil, err
		}
	}
	return data, nil
}

// Close stops the camera.
func (c *Camera) Close() error {
	kind := int32(videoCapture)
	_ = c.device.ioctl(streamOff, unsafe.Pointer(&kind)) // it may never have started
	var failed error
	for _, memory := range c.buffers {
		failed = errors.Join(failed, unix.Munmap(memory))
	}
	c.buffers = nil
	return errors.Join(failed, c.device.close())
}

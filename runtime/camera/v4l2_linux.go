package camera

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// What linux/videodev2.h defines, as far as it is needed here. The structures have its
// layout on 32 and 64 bits.

type capability struct {
	driver       [16]byte
	card         [32]byte
	bus          [32]byte
	version      uint32
	capabilities uint32
	deviceCaps   uint32
	_            [3]uint32
}

const (
	canCapture = 0x00000001
	canStream  = 0x04000000
	hasDevice  = 0x80000000 // deviceCaps is set
)

type format struct {
	kind uint32
	pix  pixelFormat
}

type pixelFormat struct {
	_            [0]uintptr // the union has pointers in it
	width        uint32
	height       uint32
	fourCC       uint32
	field        uint32
	bytesPerLine uint32
	sizeImage    uint32
	_            [200 - 6*4]byte
}

type bufferRequest struct {
	count  uint32
	kind   uint32
	memory uint32
	_      [2]uint32
}

type buffer struct {
	index     uint32
	kind      uint32
	bytesUsed uint32
	flags     uint32
	field     uint32
	timestamp unix.Timeval
	timecode  [4]uint32
	sequence  uint32
	memory    uint32
	offset    uintptr // a union: of it, the lower 32 bits on every byte order we build for
	length    uint32
	_         uint32
	_         uint32
}

const (
	videoCapture = 1
	memoryMapped = 1
	frameIsBad   = 0x40
)

// The requests: direction, size of the argument, 'V' and number, as in asm-generic/ioctl.h.
const (
	writes = 1 << 30
	reads  = 2 << 30

	queryCapability = reads | unsafe.Sizeof(capability{})<<16 | 'V'<<8 // number 0
	setFormat       = reads | writes | unsafe.Sizeof(format{})<<16 | 'V'<<8 | 5
	requestBuffers  = reads | writes | unsafe.Sizeof(bufferRequest{})<<16 | 'V'<<8 | 8
	queryBuffer     = reads | writes | unsafe.Sizeof(buffer{})<<16 | 'V'<<8 | 9
	queueBuffer     = reads | writes | unsafe.Sizeof(buffer{})<<16 | 'V'<<8 | 15
	takeBuffer      = reads | writes | unsafe.Sizeof(buffer{})<<16 | 'V'<<8 | 17
	streamOn        = writes | unsafe.Sizeof(int32(0))<<16 | 'V'<<8 | 18
	streamOff       = writes | unsafe.Sizeof(int32(0))<<16 | 'V'<<8 | 19
)

// device is what a camera is to the system; a test stands in for it.
type device interface {
	ioctl(request uintptr, argument unsafe.Pointer) error
	mmap(offset int64, length int) ([]byte, error)
	// ready waits until a frame is there, or the time is over.
	ready(milliseconds int) (bool, error)
	close() error
}

// system is a device file.
type system struct{ file int }

func openSystem(path string) (device, error) {
	file, err := unix.Open(path, unix.O_RDWR|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	return system{file}, err
}

func (s system) ioctl(request uintptr, argument unsafe.Pointer) error {
	for {
		_, _, code := unix.Syscall(unix.SYS_IOCTL, uintptr(s.file), request, uintptr(argument))
		switch code {
		case 0:
			return nil
		case unix.EINTR:
			continue
		}
		return code
	}
}

func (s system) mmap(offset int64, length int) ([]byte, error) {
	return unix.Mmap(s.file, offset, length, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
}

func (s system) ready(milliseconds int) (bool, error) {
	n, err := unix.Poll([]unix.PollFd{{Fd: int32(s.file), Events: unix.POLLIN}}, milliseconds)
	if err == unix.EINTR {
		return false, nil
	}
	return n > 0, err
}

func (s system) close() error { return unix.Close(s.file) }

//go:build unix

package kerneltest

import (
	"runtime/debug"
	"strings"
	"testing"
	"unsafe"
)

// stray writes v at the given element of s, which may lie outside, and returns
// what the place says of it.
func stray(p *Place, s []int8, element int, v int8) (complaint string) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if recover() != nil {
			complaint = "fault"
		}
	}()
	*(*int8)(unsafe.Add(unsafe.Pointer(unsafe.SliceData(s)), element)) = v
	if err := p.verify(); err != nil {
		return err.Error()
	}
	return ""
}

func TestPlacesSeeStrayWrites(t *testing.T) {
	for _, kind := range []Kind{GuardBefore, GuardAfter, OddOffset} {
		for _, n := range []int{1, 15, 64, 4096} {
			for _, element := range []int{-1, n} {
				p := newPlace(kind)
				if stray(p, Out(p, make([]int8, n)), element, 1) == "" {
					t.Errorf("memory %v: a write to element %d of %d was not seen", kind, element, n)
				}
				p.release()
			}
		}
	}
}

func TestPlacesSeeChangedInputs(t *testing.T) {
	for _, kind := range kinds {
		p := newPlace(kind)
		In(p, []int8{1, 2, 3})
		complaint := stray(p, In(p, []int8{4, 5, 6}), 1, 0)
		if !strings.Contains(complaint, "operand 1 is an input") {
			t.Errorf("memory %v: a changed input gave %q", kind, complaint)
		}
		p.release()
	}
}

func TestGuardPagesFault(t *testing.T) {
	for kind, element := range map[Kind]int{GuardBefore: -1, GuardAfter: 3} {
		p := newPlace(kind)
		if complaint := stray(p, Out(p, make([]int8, 3)), element, 0); complaint != "fault" {
			t.Errorf("memory %v: element %d of 3 can be touched", kind, element)
		}
		p.release()
	}
}

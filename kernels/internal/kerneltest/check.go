package kerneltest

import (
	"fmt"
	"math"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"testing"

	"megl-edge/kernels/asm"
)

// Number lists the element types that kernels work on.
type Number interface {
	~int8 | ~uint8 | ~int16 | ~int32 | ~float32
}

// Require fails the test when the environment variable MEGL_REQUIRE, a comma
// separated list, names a level that this processor and build do not offer. A
// machine that claims to test AVX2 then cannot pass without it.
func Require(t *testing.T) {
	t.Helper()
	for name := range strings.SplitSeq(os.Getenv("MEGL_REQUIRE"), ",") {
		offered := func(l asm.Level) bool { return l.String() == name }
		if name != "" && !slices.ContainsFunc(asm.Levels(), offered) {
			t.Fatalf("MEGL_REQUIRE names level %q, but only %v are available", name, asm.Levels())
		}
	}
}

// Check runs a kernel once at the reference level, in ordinary memory, and then
// at every other level in every kind of place, and fails on the first result
// that differs.
//
// run places its operands with [In] and [Out], calls the kernel and returns
// what it wrote. It must give the same operands each time.
func Check[T Number](t *testing.T, label string, run func(*Place) []T) {
	t.Helper()
	want := runAt(t, label, asm.Ref, Plain, run)
	for _, level := range asm.Levels() {
		for _, kind := range kinds {
			got := runAt(t, label, level, kind, run)
			if i := firstDifference(got, want); i >= 0 {
				t.Fatalf("%s: level %v, memory %v: element %d is %s, reference has %s",
					label, level, kind, i, show(got, i), show(want, i))
			}
		}
	}
}

func runAt[T Number](t *testing.T, label string, level asm.Level, kind Kind, run func(*Place) []T) []T {
	t.Helper()
	defer asm.Force(level)()
	place := newPlace(kind)
	defer place.release()
	defer reportFault(t, fmt.Sprintf("%s: level %v, memory %v", label, level, kind))()
	result := slices.Clone(run(place))
	if err := place.verify(); err != nil {
		t.Fatalf("%s: level %v, memory %v: %v", label, level, kind, err)
	}
	return result
}

// reportFault makes an access to a guard page fail the test and say where, until
// deferred is called; it would end the process. Other panics go on.
func reportFault(t *testing.T, where string) (deferred func()) {
	before := debug.SetPanicOnFault(true)
	return func() {
		t.Helper()
		debug.SetPanicOnFault(before)
		switch fault := recover().(type) {
		case nil:
		case interface{ Addr() uintptr }:
			t.Fatalf("%s: touched %#x, outside of every operand", where, fault.Addr())
		default:
			panic(fault)
		}
	}
}

func firstDifference[T Number](got, want []T) int {
	for i := range min(len(got), len(want)) {
		if !Same(got[i], want[i]) {
			return i
		}
	}
	if len(got) != len(want) {
		return min(len(got), len(want))
	}
	return -1
}

// Same tells whether a and b are equal to the bit: +0 and −0 differ, and any
// NaN equals any NaN, because payloads are not defined.
func Same[T Number](a, b T) bool {
	x, isFloat := any(a).(float32)
	if !isFloat {
		return a == b
	}
	y := any(b).(float32)
	return math.Float32bits(x) == math.Float32bits(y) || x != x && y != y
}

func show[T Number](values []T, i int) string {
	if i >= len(values) {
		return "nothing"
	}
	if x, ok := any(values[i]).(float32); ok {
		return fmt.Sprintf("%v (%#08x)", x, math.Float32bits(x))
	}
	return fmt.Sprint(values[i])
}

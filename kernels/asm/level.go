package asm

import (
	"fmt"
	"os"
	"slices"
	"strings"
)

// Level is a set of instructions that kernels may use. Within one processor
// family a higher level includes the lower ones.
type Level uint8

// The levels. Ref is pure Go and exists everywhere.
const (
	Ref     Level = iota
	AVX2          // amd64: AVX2 and FMA
	VNNI          // amd64: AVX2 and, for int8 products, the VNNI instructions of AVX-512
	NEON          // arm64: the Armv8.0 baseline
	DotProd       // arm64: NEON and the SDOT instruction (Armv8.2)
	I8MM          // arm64: DotProd and the SMMLA instruction (Armv8.6)
)

var levelNames = [...]string{Ref: "ref", AVX2: "avx2", VNNI: "vnni", NEON: "neon", DotProd: "dotprod", I8MM: "i8mm"}

// String returns the name that MEGL_CPU takes.
func (l Level) String() string {
	if int(l) >= len(levelNames) {
		return fmt.Sprintf("Level(%d)", uint8(l))
	}
	return levelNames[l]
}

// available lists what this processor offers, lowest first; level is the one in
// use. Both are set before main and read by every kernel.
var (
	available     = detect()
	level, envErr = choose(os.Getenv("MEGL_CPU"))
)

// choose returns the highest available level, or the one that name asks for.
func choose(name string) (Level, error) {
	best := available[len(available)-1]
	if name == "" {
		return best, nil
	}
	for _, l := range available {
		if l.String() == name {
			return l, nil
		}
	}
	names := make([]string, len(available))
	for i, l := range available {
		names[i] = l.String()
	}
	return best, fmt.Errorf("MEGL_CPU=%s: this processor and build offer %s", name, strings.Join(names, ", "))
}

// Levels lists the levels that this processor and build offer, lowest first.
func Levels() []Level { return slices.Clone(available) }

// Current returns the level in use, and an error when the environment variable
// MEGL_CPU asks for one that is not available (the best one is then in use).
func Current() (Level, error) { return level, envErr }

// Force makes every kernel run at level l until restore is called. It is for
// tests and benchmarks: it must not be called while a kernel runs, and it
// panics on a level that [Levels] does not list.
func Force(l Level) (restore func()) {
	if !slices.Contains(available, l) {
		panic(fmt.Sprintf("asm: level %v is not available here", l))
	}
	before := level
	level = l
	return func() { level = before }
}

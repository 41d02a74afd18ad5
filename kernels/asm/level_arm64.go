//go:build !purego

package asm

import "github.com/klauspost/cpuid/v2"

// detect takes NEON for granted, as Go does on arm64: it is part of Armv8.0, and
// not every operating system lets a program ask for it.
func detect() []Level {
	levels := []Level{Ref, NEON}
	for _, tier := range []struct {
		feature cpuid.FeatureID
		level   Level
	}{{cpuid.ASIMDDP, DotProd}, {cpuid.I8MM, I8MM}} {
		if !cpuid.CPU.Supports(tier.feature) {
			break
		}
		levels = append(levels, tier.level)
	}
	return levels
}

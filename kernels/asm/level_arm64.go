//go:build !purego

package asm

import "github.com/klauspost/cpuid/v2"

func detect() []Level {
	levels := []Level{Ref}
	for _, tier := range []struct {
		feature cpuid.FeatureID
		level   Level
	}{{cpuid.ASIMD, NEON}, {cpuid.ASIMDDP, DotProd}, {cpuid.I8MM, I8MM}} {
		if !cpuid.CPU.Supports(tier.feature) {
			break
		}
		levels = append(levels, tier.level)
	}
	return levels
}

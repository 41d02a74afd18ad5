//go:build !purego

package asm

import "github.com/klauspost/cpuid/v2"

func detect() []Level {
	levels := []Level{Ref}
	if cpuid.CPU.Supports(cpuid.AVX2, cpuid.FMA3) {
		levels = append(levels, AVX2)
	}
	return levels
}

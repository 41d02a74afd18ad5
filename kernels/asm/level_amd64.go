//go:build !purego

package asm

import "github.com/klauspost/cpuid/v2"

func detect() []Level {
	levels := []Level{Ref}
	if !cpuid.CPU.Supports(cpuid.AVX2, cpuid.FMA3) {
		return levels
	}
	levels = append(levels, AVX2)
	if cpuid.CPU.Supports(cpuid.AVX512F, cpuid.AVX512BW, cpuid.AVX512VL, cpuid.AVX512VNNI) {
		levels = append(levels, VNNI)
	}
	return levels
}

// Package asm holds the microkernels: the inner loops that run for most of the
// time, one stem a file group.
//
// A stem is named after its operation and element types, in this order:
// gemm_s8, gemm_f32, depthwise_s8, requantize_s32s8. Its files are
//
//	gemm_s8.go          the exported entry: contract, argument check; and the reference
//	gemm_s8_amd64.go    the choice among levels, and the assembly stubs
//	gemm_s8_amd64.s     gemmS8AVX2
//	gemm_s8_arm64.go    the same for arm64
//	gemm_s8_arm64.s     gemmS8NEON
//	gemm_s8_test.go     every level against the reference, and the benchmark
//
// and a line in noasm.go for builds without assembly (tag purego, or another
// processor). Where both processors choose alike the choice is in one file,
//
//	add_f32_simd.go     for amd64 and arm64: addF32SIMD
//
// and where the reference would be too slow for processors without assembly, it
// has a version for them,
//
//	gemm_s8_portable.go    gemmS8Portable
//
// that portable_test.go holds against it.
//
// NEON instructions that Go's assembler lacks are macros of insn_arm64.h, which
// neon_encoding_test.go checks against a disassembler.
//
// The pure-Go reference is the definition of the result, to the bit. A kernel
// that differs from it for any input is wrong, whatever it computes: tests
// compare with ==. Arguments flow in from package kernels, which packs, tiles
// and spreads the work over threads; nothing here allocates, blocks or knows a
// tensor. Entries panic on slices that are too short for the shape they are
// given, because assembly does not check.
package asm

// The NEON instructions that Go's assembler does not know. Operands are register
// numbers, 0 to 31; the comment is what a disassembler prints, with each operand
// by its name. A test holds every macro against a disassembler.
//
// Encodings: Arm Architecture Reference Manual for A-profile, chapter C7.

// Widening: eight int8 to int16, from the lower or the upper half of vn.
#define SXTL_8H(d, n) WORD $(0x0f08a400 | (n)<<5 | (d)) // sshll vd.8h, vn.8b, #0
#define SXTL2_8H(d, n) WORD $(0x4f08a400 | (n)<<5 | (d)) // sshll2 vd.8h, vn.16b, #0

// Four products of int16 with one element, added to int32; m is 0 to 15, i 0 to 7.
#define SMLAL_4S_ELEM(d, n, m, i) WORD $(0x0f402000 | ((i)&3)<<20 | ((i)&4)<<9 | (m)<<16 | (n)<<5 | (d)) // smlal vd.4s, vn.4h, vm.h[i]
#define SMLAL2_4S_ELEM(d, n, m, i) WORD $(0x4f402000 | ((i)&3)<<20 | ((i)&4)<<9 | (m)<<16 | (n)<<5 | (d)) // smlal2 vd.4s, vn.8h, vm.h[i]

// Four float32 products with one element, fused into vd; i is 0 to 3.
#define FMLA_4S_ELEM(d, n, m, i) WORD $(0x4f801000 | ((i)&1)<<21 | ((i)&2)<<10 | (m)<<16 | (n)<<5 | (d)) // fmla vd.4s, vn.4s, vm.s[i]

// Four float32 each. Of a number and a NaN, FMAXNM and FMINNM take the number.
#define FMUL_4S(d, n, m) WORD $(0x6e20dc00 | (m)<<16 | (n)<<5 | (d)) // fmul vd.4s, vn.4s, vm.4s
#define FMAXNM_4S(d, n, m) WORD $(0x4e20c400 | (m)<<16 | (n)<<5 | (d)) // fmaxnm vd.4s, vn.4s, vm.4s
#define FMINNM_4S(d, n, m) WORD $(0x4ea0c400 | (m)<<16 | (n)<<5 | (d)) // fminnm vd.4s, vn.4s, vm.4s

// Conversions between int32 and float32; both round to nearest even (SCVTF by
// the default rounding mode, FCVTNS always).
#define SCVTF_4S(d, n) WORD $(0x4e21d800 | (n)<<5 | (d)) // scvtf vd.4s, vn.4s
#define FCVTNS_4S(d, n) WORD $(0x4e21a800 | (n)<<5 | (d)) // fcvtns vd.4s, vn.4s

// Four products of int8 each, added to int32: with one element of four values, i
// is 0 to 3 (Armv8.2 DotProd); two rows of eight values by two columns (Armv8.6
// I8MM).
#define SDOT_4S_ELEM(d, n, m, i) WORD $(0x4f80e000 | ((i)&1)<<21 | ((i)&2)<<10 | (m)<<16 | (n)<<5 | (d)) // sdot vd.4s, vn.16b, vm.4b[i]
#define SMMLA_4S(d, n, m) WORD $(0x4e80a400 | (m)<<16 | (n)<<5 | (d)) // smmla vd.4s, vn.16b, vm.16b

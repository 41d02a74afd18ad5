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
// FMLA is vd + vn·vm, rounded once. Comparisons give all bits or none.
#define FADD_4S(d, n, m) WORD $(0x4e20d400 | (m)<<16 | (n)<<5 | (d)) // fadd vd.4s, vn.4s, vm.4s
#define FSUB_4S(d, n, m) WORD $(0x4ea0d400 | (m)<<16 | (n)<<5 | (d)) // fsub vd.4s, vn.4s, vm.4s
#define FDIV_4S(d, n, m) WORD $(0x6e20fc00 | (m)<<16 | (n)<<5 | (d)) // fdiv vd.4s, vn.4s, vm.4s
#define FMLA_4S(d, n, m) WORD $(0x4e20cc00 | (m)<<16 | (n)<<5 | (d)) // fmla vd.4s, vn.4s, vm.4s
#define FCMGT_4S(d, n, m) WORD $(0x6ea0e400 | (m)<<16 | (n)<<5 | (d)) // fcmgt vd.4s, vn.4s, vm.4s
#define FCMGE0_4S(d, n) WORD $(0x6ea0c800 | (n)<<5 | (d)) // fcmge vd.4s, vn.4s, #0.0
#define FCMEQ0_4S(d, n) WORD $(0x4ea0d800 | (n)<<5 | (d)) // fcmeq vd.4s, vn.4s, #0.0
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

// Bits. BIF takes those of vn into vd where vm has 0, BIT where it has 1; BSL
// keeps in vd those of vn where it had 1, and of vm where it had 0.
#define AND_16B(d, n, m) WORD $(0x4e201c00 | (m)<<16 | (n)<<5 | (d)) // and vd.16b, vn.16b, vm.16b
#define BIC_16B(d, n, m) WORD $(0x4e601c00 | (m)<<16 | (n)<<5 | (d)) // bic vd.16b, vn.16b, vm.16b
#define ORR_16B(d, n, m) WORD $(0x4ea01c00 | (m)<<16 | (n)<<5 | (d)) // orr vd.16b, vn.16b, vm.16b
#define BIF_16B(d, n, m) WORD $(0x6ee01c00 | (m)<<16 | (n)<<5 | (d)) // bif vd.16b, vn.16b, vm.16b
#define BIT_16B(d, n, m) WORD $(0x6ea01c00 | (m)<<16 | (n)<<5 | (d)) // bit vd.16b, vn.16b, vm.16b
#define BSL_16B(d, n, m) WORD $(0x6e601c00 | (m)<<16 | (n)<<5 | (d)) // bsl vd.16b, vn.16b, vm.16b
#define MOV_16B(d, n) WORD $(0x4ea01c00 | (n)<<16 | (n)<<5 | (d)) // mov vd.16b, vn.16b

// Four int32 each.
#define ADD_4S(d, n, m) WORD $(0x4ea08400 | (m)<<16 | (n)<<5 | (d)) // add vd.4s, vn.4s, vm.4s
#define SUB_4S(d, n, m) WORD $(0x6ea08400 | (m)<<16 | (n)<<5 | (d)) // sub vd.4s, vn.4s, vm.4s
#define UMAX_4S(d, n, m) WORD $(0x6ea06400 | (m)<<16 | (n)<<5 | (d)) // umax vd.4s, vn.4s, vm.4s
#define SSHR1_4S(d, n) WORD $(0x4f3f0400 | (n)<<5 | (d)) // sshr vd.4s, vn.4s, #1
#define SSHR2_4S(d, n) WORD $(0x4f3e0400 | (n)<<5 | (d)) // sshr vd.4s, vn.4s, #2
#define SSHR23_4S(d, n) WORD $(0x4f290400 | (n)<<5 | (d)) // sshr vd.4s, vn.4s, #23
#define SHL23_4S(d, n) WORD $(0x4f375400 | (n)<<5 | (d)) // shl vd.4s, vn.4s, #23

// Eight int16 each; SQADD limits the sum to int16.
#define ADD_8H(d, n, m) WORD $(0x4e608400 | (m)<<16 | (n)<<5 | (d)) // add vd.8h, vn.8h, vm.8h
#define SUB_8H(d, n, m) WORD $(0x6e608400 | (m)<<16 | (n)<<5 | (d)) // sub vd.8h, vn.8h, vm.8h
#define SQADD_8H(d, n, m) WORD $(0x4e600c00 | (m)<<16 | (n)<<5 | (d)) // sqadd vd.8h, vn.8h, vm.8h

// Sixteen int8.
#define SMAX_16B(d, n, m) WORD $(0x4e206400 | (m)<<16 | (n)<<5 | (d)) // smax vd.16b, vn.16b, vm.16b

// Widening int16 to int32, from the lower or the upper half of vn or vm: moved,
// added to int32, multiplied, multiplied and added.
#define SXTL_4S(d, n) WORD $(0x0f10a400 | (n)<<5 | (d)) // sshll vd.4s, vn.4h, #0
#define SXTL2_4S(d, n) WORD $(0x4f10a400 | (n)<<5 | (d)) // sshll2 vd.4s, vn.8h, #0
#define SADDW_4S(d, n, m) WORD $(0x0e601000 | (m)<<16 | (n)<<5 | (d)) // saddw vd.4s, vn.4s, vm.4h
#define SADDW2_4S(d, n, m) WORD $(0x4e601000 | (m)<<16 | (n)<<5 | (d)) // saddw2 vd.4s, vn.4s, vm.8h
#define SMULL_4S(d, n, m) WORD $(0x0e60c000 | (m)<<16 | (n)<<5 | (d)) // smull vd.4s, vn.4h, vm.4h
#define SMULL2_4S(d, n, m) WORD $(0x4e60c000 | (m)<<16 | (n)<<5 | (d)) // smull2 vd.4s, vn.8h, vm.8h
#define SMLAL_4S(d, n, m) WORD $(0x0e608000 | (m)<<16 | (n)<<5 | (d)) // smlal vd.4s, vn.4h, vm.4h
#define SMLAL2_4S(d, n, m) WORD $(0x4e608000 | (m)<<16 | (n)<<5 | (d)) // smlal2 vd.4s, vn.8h, vm.8h

// Eight products of int8 as int16, of the lower or the upper halves, and added to
// what is there.
#define SMULL_8H(d, n, m) WORD $(0x0e20c000 | (m)<<16 | (n)<<5 | (d)) // smull vd.8h, vn.8b, vm.8b
#define SMULL2_8H(d, n, m) WORD $(0x4e20c000 | (m)<<16 | (n)<<5 | (d)) // smull2 vd.8h, vn.16b, vm.16b
#define SMLAL_8H(d, n, m) WORD $(0x0e208000 | (m)<<16 | (n)<<5 | (d)) // smlal vd.8h, vn.8b, vm.8b
#define SMLAL2_8H(d, n, m) WORD $(0x4e208000 | (m)<<16 | (n)<<5 | (d)) // smlal2 vd.8h, vn.16b, vm.16b

// Neighbours added: int8 to int16, int16 to int32 that is there already.
#define SADDLP_8H(d, n) WORD $(0x4e202800 | (n)<<5 | (d)) // saddlp vd.8h, vn.16b
#define SADALP_4S(d, n) WORD $(0x4e606800 | (n)<<5 | (d)) // sadalp vd.4s, vn.8h

// Narrowing to the range of the narrower type, to the lower or the upper half of
// vd.
#define SQXTN_4H(d, n) WORD $(0x0e614800 | (n)<<5 | (d)) // sqxtn vd.4h, vn.4s
#define SQXTN2_8H(d, n) WORD $(0x4e614800 | (n)<<5 | (d)) // sqxtn2 vd.8h, vn.4s
#define SQXTN_8B(d, n) WORD $(0x0e214800 | (n)<<5 | (d)) // sqxtn vd.8b, vn.8h
#define SQXTN2_16B(d, n) WORD $(0x4e214800 | (n)<<5 | (d)) // sqxtn2 vd.16b, vn.8h

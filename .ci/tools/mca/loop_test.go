package main

import "testing"

const disassembly = `
0000000000001000 <megl-edge/kernels/asm.gemmS8NEON.abi0>:
    1000:      	ldr	x0, [sp, #0x8]
    1004:      	ld1	{ v3.4s }, [x1]
    1008:      	smlal	v8.4s, v3.4h, v0.h[1]
    100c:      	smlal2	v9.4s, v3.8h, v0.h[1]
    1010:      	subs	x9, x9, #0x2
    1014:      	b.ne	0x1008 <megl-edge/kernels/asm.gemmS8NEON.abi0+0x8>
    1018:      	cbnz	x4, 0x1004 <megl-edge/kernels/asm.gemmS8NEON.abi0+0x4>
    101c:      	ret

0000000000002000 <other>:
    2000:      	b	0x2000 <other>
0000000000003000 <megl-edge/kernels/asm.requantizeProductBytesAVX2.abi0>:
    3000:      	vpmaddubsw	(%rsi), %ymm0, %ymm1
    3006:      	vpmaddwd	%ymm15, %ymm1, %ymm1 # comment
    300a:      	decq	%rcx
    300d:      	jne	0x3000 <x>
`

func TestInnerLoops(t *testing.T) {
	all := functions(disassembly)
	if len(all) != 2 || all[0].name != "gemmS8NEON" || all[1].name != "requantizeProductBytesAVX2" {
		t.Fatalf("functions are %v", all)
	}
	for i, want := range []struct{ length, macs int }{{4, 8}, {4, 32}} {
		loops := all[i].innerLoops()
		if len(loops) != 1 || len(loops[0]) != want.length {
			t.Fatalf("%s: loops %v, want one of %d instructions", all[i].name, loops, want.length)
		}
		if got := count(loops[0]); got != want.macs {
			t.Errorf("%s: %d MAC an iteration, want %d", all[i].name, got, want.macs)
		}
	}
	if last := all[0].innerLoops()[0][3]; last.branch != "b.ne" || last.target != 0x1008 {
		t.Errorf("the branch is %+v", last)
	}
}

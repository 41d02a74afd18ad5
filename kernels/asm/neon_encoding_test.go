package asm_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

const neonHeader = "insn_arm64.h"

// A neonMacro is one line of the header:
//
//	#define NAME(params) WORD $(encoding) // text
type neonMacro struct {
	name   string
	params []string
	text   string // what a disassembler prints, parameters by name: vd.4s, vm.h[i]
}

// Go's assembler takes any number for an instruction, so an independent
// disassembler says what each macro encodes. The operands run through every
// value that they may have.
func TestNEONMacrosEncodeTheirComment(t *testing.T) {
	assembler, disassembler := findTool(t, "go"), findTool(t, "llvm-mc", "llvm-mc-19")
	for _, macro := range readNEONMacros(t) {
		t.Run(macro.name, func(t *testing.T) {
			var uses, want []string
			for v := range 32 {
				use, text := macro.use(v)
				uses, want = append(uses, use), append(want, text)
			}
			got := disassembleNEON(t, disassembler, assembleNEON(t, assembler, uses))
			if len(got) != len(want) {
				t.Fatalf("%d uses gave %d instructions", len(want), len(got))
			}
			for i := range want {
				if got[i] != want[i] {
					t.Errorf("%s is %q, want %q", uses[i], got[i], want[i])
				}
			}
		})
	}
}

// An encoding outside of the header would not be checked.
func TestNEONEncodingsAreInTheHeader(t *testing.T) {
	files, err := filepath.Glob("*_arm64.s")
	if err != nil || len(files) == 0 {
		t.Fatalf("no arm64 assembly found (%v)", err)
	}
	raw := regexp.MustCompile(`\b(WORD|BYTE)\b`)
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if raw.Match(source) {
			t.Errorf("%s encodes an instruction itself; give it a name in %s", file, neonHeader)
		}
	}
}

func readNEONMacros(t *testing.T) []neonMacro {
	t.Helper()
	header, err := os.ReadFile(neonHeader)
	if err != nil {
		t.Fatal(err)
	}
	line := regexp.MustCompile(`^#define (\w+)\(([^)]*)\) WORD \$\(.*\) // (.+)$`)
	var macros []neonMacro
	for text := range strings.Lines(string(header)) {
		if !strings.Contains(text, "WORD") {
			continue
		}
		m := line.FindStringSubmatch(strings.TrimSuffix(text, "\n"))
		if m == nil {
			t.Fatalf("%s: cannot read %q", neonHeader, text)
		}
		macros = append(macros, neonMacro{m[1], strings.Split(m[2], ", "), m[3]})
	}
	return macros
}

// use returns use number v, of 32, of the macro and the instruction it should
// be. An odd factor gives each operand all of its values.
func (m neonMacro) use(v int) (use, text string) {
	text = m.text
	args := make([]string, len(m.params))
	for i, param := range m.params {
		args[i] = strconv.Itoa((v*(2*i+1) + 5*i) % m.values(param))
		text = regexp.MustCompile(`\bv`+param+`\.`).ReplaceAllString(text, "v"+args[i]+".")
		text = strings.ReplaceAll(text, "["+param+"]", "["+args[i]+"]")
	}
	return fmt.Sprintf("%s(%s)", m.name, strings.Join(args, ", ")), text
}

// values tells how many values a parameter may have: elements of a register of
// 16 bytes, or registers, of which elements of 16 bits reach only half.
func (m neonMacro) values(param string) int {
	switch {
	case strings.Contains(m.text, ".h["+param+"]"):
		return 8
	case strings.Contains(m.text, ".s["+param+"]"), strings.Contains(m.text, ".4b["+param+"]"):
		return 4
	case strings.Contains(m.text, "v"+param+".h["):
		return 16
	}
	return 32
}

// assembleNEON returns the instruction words that Go's assembler makes of uses.
func assembleNEON(t *testing.T, goTool string, uses []string) []uint32 {
	t.Helper()
	dir := t.TempDir()
	source := filepath.Join(dir, "uses.s")
	code := fmt.Sprintf("#include %q\nTEXT ·uses(SB), 4, $0\n%s\n", neonHeader, strings.Join(uses, "\n"))
	if err := os.WriteFile(source, []byte(code), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(goTool, "tool", "asm", "-S", "-p", "uses", "-I", ".", "-o", filepath.Join(dir, "uses.o"), source)
	cmd.Env = append(os.Environ(), "GOARCH=arm64")
	listing, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("assembling %s: %v\n%s", neonHeader, err, listing)
	}
	var words []uint32
	for _, m := range regexp.MustCompile(`\tWORD\t\$(\d+)`).FindAllSubmatch(listing, -1) {
		word, err := strconv.ParseUint(string(m[1]), 10, 32)
		if err != nil {
			t.Fatal(err)
		}
		words = append(words, uint32(word))
	}
	return words
}

// disassembleNEON returns one instruction a word, with single spaces.
func disassembleNEON(t *testing.T, llvmMC string, words []uint32) []string {
	t.Helper()
	var input, complaints bytes.Buffer
	for _, w := range words {
		fmt.Fprintf(&input, "0x%02x 0x%02x 0x%02x 0x%02x\n", w&0xff, w>>8&0xff, w>>16&0xff, w>>24)
	}
	cmd := exec.Command(llvmMC, "--disassemble", "--triple=aarch64", "--mattr=+v8.6a")
	cmd.Stdin, cmd.Stderr = &input, &complaints
	output, err := cmd.Output()
	if err != nil || complaints.Len() > 0 {
		t.Fatalf("disassembling: %v\n%s", err, &complaints)
	}
	var instructions []string
	for line := range strings.Lines(string(output)) {
		if text := strings.Join(strings.Fields(line), " "); text != "" && text != ".text" {
			instructions = append(instructions, text)
		}
	}
	return instructions
}

// findTool returns the first of the named programs that is installed. Without
// any the test is skipped, or fails where MEGL_REQUIRE_DISASM is 1.
func findTool(t *testing.T, names ...string) string {
	t.Helper()
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("MEGL_REQUIRE_DISASM") == "1" {
		t.Fatalf("MEGL_REQUIRE_DISASM=1, but none of %v is installed", names)
	}
	t.Skipf("none of %v is installed: the NEON encodings go unchecked", names)
	return ""
}

// Mca estimates the speed of the inner loops of kernels/asm on processors that
// are not at hand. It disassembles them and asks llvm-mca how many cycles an
// iteration takes, with all loads in the first-level cache.
//
// Run it from the top folder of the repository; LLVM 19 must be installed:
//
//	go run -C .ci/tools ./mca
//
// The estimates are those of LLVM's models of the processors, nothing measured.
// LLVM 19 takes a Cortex-A72 for a Cortex-A57. Its Cortex-A53 and A55 execute in
// order and write results in order too: a load behind a product, which takes
// longer, waits until it would not be done first.
package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// machine is an architecture and the processors that are modelled for it.
type machine struct {
	arch, triple string
	processors   []string
}

var machines = []machine{
	{"arm64", "aarch64", []string{"cortex-a53", "cortex-a55", "cortex-a72", "neoverse-n1", "neoverse-v1"}},
	{"amd64", "x86_64", []string{"znver3"}},
}

// products are the kernels that multiply and accumulate.
var products = regexp.MustCompile(`^(gemm|depthwise|accumulateProducts|(de|re)quantizeProduct)`)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "mca:", err)
		os.Exit(1)
	}
}

func run() error {
	for _, tool := range []string{objdump, mca} {
		if _, err := exec.LookPath(tool); err != nil {
			return fmt.Errorf("%s is not installed; Debian's package llvm-19 has it", tool)
		}
	}
	folder, err := os.MkdirTemp("", "mca")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	for _, m := range machines {
		text, err := m.disassemble(filepath.Join(folder, m.arch))
		if err != nil {
			return err
		}
		if err := m.print(functions(text)); err != nil {
			return err
		}
	}
	return nil
}

const (
	objdump = "llvm-objdump-19"
	mca     = "llvm-mca-19"
)

// disassemble builds the kernels for the machine and returns what they are in
// assembly.
func (m machine) disassemble(binary string) (string, error) {
	const top = "../.." // of the module this command is in
	build := exec.Command("go", "test", "-c", "-o", binary, "./kernels/asm")
	build.Dir = top
	build.Env = append(os.Environ(), "GOARCH="+m.arch, "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building the kernels for %s: %w\n%s", m.arch, err, out)
	}
	out, err := exec.Command(objdump, "--disassemble", "--no-show-raw-insn", "--no-leading-headers", binary).Output()
	if err != nil {
		return "", fmt.Errorf("%s: %w", objdump, err)
	}
	return string(out), nil
}

// print writes one row for every inner loop that multiplies.
func (m machine) print(all []function) error {
	fmt.Printf("\n| %s kernel | MAC an iteration | %s |\n|---|---|%s\n", m.arch, strings.Join(m.processors, " | "), strings.Repeat("---|", len(m.processors)))
	for _, f := range all {
		if !products.MatchString(f.name) {
			continue
		}
		for _, loop := range f.innerLoops() {
			macs := count(loop)
			if macs == 0 {
				continue
			}
			row := fmt.Sprintf("| %s | %d |", f.name, macs)
			for _, cpu := range m.processors {
				cycles, err := m.cycles(cpu, loop)
				if err != nil {
					return fmt.Errorf("%s on %s: %w", f.name, cpu, err)
				}
				if cycles == 0 {
					row += " – |"
					continue
				}
				row += fmt.Sprintf(" %.1f |", float64(macs)/cycles)
			}
			fmt.Println(row)
		}
	}
	return nil
}

// cycles returns how long an iteration takes, 0 where the processor lacks an
// instruction.
func (m machine) cycles(cpu string, loop []instruction) (float64, error) {
	const iterations = 1000
	var text strings.Builder
	text.WriteString("loop:\n")
	for _, in := range loop {
		if in.target != 0 {
			fmt.Fprintf(&text, "%s loop\n", in.branch)
			continue
		}
		fmt.Fprintln(&text, in.text)
	}
	cmd := exec.Command(mca, "-mtriple="+m.triple, "-mcpu="+cpu, "-iterations="+strconv.Itoa(iterations), "-instruction-info=0", "-resource-pressure=0")
	cmd.Stdin = strings.NewReader(text.String())
	out, err := cmd.CombinedOutput()
	if found := regexp.MustCompile(`Total Cycles:\s+(\d+)`).FindSubmatch(out); found != nil {
		total, err := strconv.ParseFloat(string(found[1]), 64)
		return total / iterations, err
	}
	if regexp.MustCompile(`instruction requires|unsupported instruction|invalid instruction`).Match(out) {
		return 0, nil
	}
	return 0, fmt.Errorf("%s: %w\n%s", mca, err, out)
}

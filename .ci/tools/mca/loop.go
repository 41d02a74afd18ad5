package main

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// instruction is one line of a disassembly.
type instruction struct {
	address int
	text    string
	// Of a branch: where it goes and, but for that, its text.
	target int
	branch string
}

// function is the assembly of one kernel.
type function struct {
	name string
	code []instruction
}

var (
	heading = regexp.MustCompile(`^[0-9a-f]+ <megl-edge/kernels/asm\.(\w+)\.abi0>:`)
	line    = regexp.MustCompile(`^\s*([0-9a-f]+):\s+(\S.*)$`)
	comment = regexp.MustCompile(`\s*(//|#\s|<).*$`)
	jump    = regexp.MustCompile(`^((?:b\.\w+|b|cbn?z\s+\w+,|tbn?z\s+\w+, #\w+,|j\w+))\s+0x([0-9a-f]+)$`)
)

// functions finds the kernels in a disassembly.
func functions(text string) []function {
	var all []function
	inside := false
	for _, l := range strings.Split(text, "\n") {
		if strings.HasSuffix(l, ">:") {
			found := heading.FindStringSubmatch(l)
			if inside = found != nil; inside {
				all = append(all, function{name: found[1]})
			}
			continue
		}
		found := line.FindStringSubmatch(l)
		if !inside || found == nil {
			continue
		}
		f := &all[len(all)-1]
		f.code = append(f.code, parse(found[1], found[2]))
	}
	return all
}

func parse(address, text string) instruction {
	at, _ := strconv.ParseInt(address, 16, 64)
	in := instruction{address: int(at), text: strings.TrimSpace(comment.ReplaceAllString(text, ""))}
	if found := jump.FindStringSubmatch(strings.Join(strings.Fields(in.text), " ")); found != nil {
		to, _ := strconv.ParseInt(found[2], 16, 64)
		in.branch, in.target = found[1], int(to)
	}
	return in
}

// innerLoops returns the loops that hold no other: what lies between the target of
// a branch back and the branch. A step back onto what is done already counts as
// the loop it goes back into.
func (f function) innerLoops() [][]instruction {
	type span struct{ first, last int }
	var spans []span
	for last, in := range f.code {
		first := slices.IndexFunc(f.code, func(i instruction) bool { return i.address == in.target })
		if in.target != 0 && first >= 0 && first <= last {
			spans = append(spans, span{first, last})
		}
	}
	var loops [][]instruction
	for _, s := range spans {
		holds := func(other span) bool { return other != s && s.first <= other.first && other.last <= s.last }
		if !slices.ContainsFunc(spans, holds) {
			loops = append(loops, f.code[s.first:s.last+1])
		}
	}
	return loops
}

// lanes says how many products an instruction makes, by the shape of its
// registers.
var lanes = []struct {
	pattern *regexp.Regexp
	macs    int
}{
	{regexp.MustCompile(`^smmla\s+v\d+\.4s`), 32},
	{regexp.MustCompile(`^sdot\s+v\d+\.4s`), 16},
	{regexp.MustCompile(`^(smlal|smull)2?\s+v\d+\.4s`), 4},
	{regexp.MustCompile(`^(smlal|smull)2?\s+v\d+\.8h`), 8},
	{regexp.MustCompile(`^fmla\s+v\d+\.4s`), 4},
	{regexp.MustCompile(`^vpdpbusd\s.*%ymm`), 32},
	{regexp.MustCompile(`^vpmaddubsw\s.*%ymm`), 32},
	{regexp.MustCompile(`^vpmaddwd\s.*%ymm`), 16},
	{regexp.MustCompile(`^vfmadd\d+ps\s.*%ymm`), 8},
}

// count returns the multiply-accumulates of an iteration. Where products of bytes
// were added in pairs, the VPMADDWD behind them only adds.
func count(loop []instruction) int {
	bytes := slices.ContainsFunc(loop, func(in instruction) bool { return strings.HasPrefix(in.text, "vpmaddubsw") })
	total := 0
	for _, in := range loop {
		if bytes && strings.HasPrefix(in.text, "vpmaddwd") {
			continue
		}
		for _, l := range lanes {
			if l.pattern.MatchString(in.text) {
				total += l.macs
				break
			}
		}
	}
	return total
}

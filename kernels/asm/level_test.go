package asm_test

import (
	"os"
	"testing"

	"megl-edge/kernels/asm"
	"megl-edge/kernels/internal/kerneltest"
)

func TestRequiredLevelsAreAvailable(t *testing.T) { kerneltest.Require(t) }

func TestCurrentLevelFollowsEnvironment(t *testing.T) {
	level, err := asm.Current()
	levels := asm.Levels()
	switch name := os.Getenv("MEGL_CPU"); {
	case name == "":
		if err != nil || level != levels[len(levels)-1] {
			t.Fatalf("without MEGL_CPU the level is %v (%v), want the highest of %v", level, err, levels)
		}
	case err == nil && level.String() != name:
		t.Fatalf("MEGL_CPU=%s gave level %v", name, level)
	}
}

func TestForceRestores(t *testing.T) {
	before, _ := asm.Current()
	restore := asm.Force(asm.Ref)
	if level, _ := asm.Current(); level != asm.Ref {
		t.Fatalf("forced level is %v, want ref", level)
	}
	restore()
	if level, _ := asm.Current(); level != before {
		t.Fatalf("restored level is %v, want %v", level, before)
	}
}

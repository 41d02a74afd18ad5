package microbench

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"megl-edge/kernels/asm"
)

func TestEveryCaseRuns(t *testing.T) {
	level, _ := asm.Current()
	seen := map[string]bool{}
	for _, c := range Cases(2) {
		name := fmt.Sprintf("%s %s on %d", c.Kernel, c.Shape, c.Threads)
		if seen[name] {
			t.Errorf("%s is listed twice", name)
		}
		seen[name] = true
		// Without a budget only a part of the work is run.
		if rate := c.rate(level, 0); !(rate > 0) || c.Unit != Operations && c.Unit != Values {
			t.Errorf("%s: rate %v %s", name, rate, c.Unit)
		}
	}
	if !seen["matrix product int8 1024×1024×1024 on 2"] {
		t.Errorf("the cases are %v", seen)
	}
}

func TestRateKeepsTheLevel(t *testing.T) {
	before, _ := asm.Current()
	c := products(7, 30, 17, 2)[0]
	for _, level := range asm.Levels() {
		if rate := c.rate(level, time.Millisecond); !(rate > 0) {
			t.Errorf("%v: rate %v", level, rate)
		}
		if after, _ := asm.Current(); after != before {
			t.Fatalf("%v is in use after a measurement at %v, before it was %v", after, level, before)
		}
	}
}

func TestThreadsAddCases(t *testing.T) {
	one, two := Cases(1), Cases(2)
	if len(two) != len(one)+2 {
		t.Errorf("%d cases on one thread, %d on two", len(one), len(two))
	}
	for _, c := range one {
		if c.Threads != 1 {
			t.Errorf("%s %s: %d threads", c.Kernel, c.Shape, c.Threads)
		}
	}
}

// The work of a case is what its rate is worth.
func TestWork(t *testing.T) {
	want := map[string]float64{
		"matrix product float32 1024×1024×1024":      2 << 30,
		"matrix product float32 3 of 197×64×197":     2 * 3 * 197 * 64 * 197,
		"matrix product int8 to float32 197×192×768": 2 * 197 * 192 * 768,
		"convolution 3×3 int8 56×56×64 to 64":        2 * 56 * 56 * 64 * 9 * 64,
		"depthwise 3×3 float32 56×56×144, stride 2":  2 * 28 * 28 * 144 * 9,
		"softmax float32 197×197":                    197 * 197,
		"requantize 784×192":                         784 * 192,
	}
	for _, c := range Cases(1) {
		if work, ok := want[c.Kernel+" "+c.Shape]; ok {
			if c.work != work {
				t.Errorf("%s %s: %v operations, want %v", c.Kernel, c.Shape, c.work, work)
			}
			delete(want, c.Kernel+" "+c.Shape)
		}
	}
	if len(want) > 0 {
		t.Errorf("not found: %v", want)
	}
}

func TestPeaksOfEveryLevel(t *testing.T) {
	for _, level := range asm.Levels() {
		t.Run(level.String(), func(t *testing.T) {
			defer asm.Force(level)()
			for weights := range asm.NarrowWeights + 1 {
				panelInt8(12, 64, weights)()
			}
		})
	}
	if a, b := PeakInt8(2), PeakFloat32(2); !(a > 0 && b > 0) {
		t.Errorf("peaks %v and %v", a, b)
	}
}

func TestReadBandwidth(t *testing.T) {
	if rate := readBandwidth(2, 1<<22+1); !(rate > 0) {
		t.Errorf("%v GB/s", rate)
	}
}

func TestQuickestCalls(t *testing.T) {
	calls := 0
	if s := quickest(time.Millisecond, func() { calls++ }); !(s > 0) || calls < 100 {
		t.Errorf("%d calls of %v seconds", calls, s)
	}
	calls = 0
	if s := quickest(time.Nanosecond, func() { calls++; time.Sleep(time.Millisecond) }); s < 1e-3 || calls != 2 {
		t.Errorf("%d calls of %v seconds", calls, s)
	}
}

func TestOperandsStayInRange(t *testing.T) {
	for i, v := range int8s(1000, 63) {
		if v < -63 || v > 63 {
			t.Fatalf("value %d is %d", i, v)
		}
	}
	if strings.Contains(fmt.Sprint(float32s(1000)), "NaN") {
		t.Error("float operands are no numbers")
	}
}

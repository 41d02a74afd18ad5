package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
)

// peakMemory returns the largest resident memory of this process so far in MB,
// or 0 where the kernel does not tell.
func peakMemory() float64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	lines := bufio.NewScanner(bytes.NewReader(status))
	for lines.Scan() {
		var kib float64
		if n, _ := fmt.Sscanf(lines.Text(), "VmHWM: %f kB", &kib); n == 1 {
			return float64(int(kib*1024/1e5)) / 10
		}
	}
	return 0
}

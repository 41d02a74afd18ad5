package device

import (
	"bufio"
	"bytes"
	"io/fs"
	"os"
	"path"
	"runtime"
	"strconv"
	"strings"
)

// Machine is a machine by its files.
type Machine struct{ files fs.FS }

// This returns the machine that the program runs on.
func This() Machine { return Machine{os.DirFS("/")} }

// Of returns a machine whose root is a file system.
func Of(files fs.FS) Machine { return Machine{files} }

// number reads a file that holds a number.
func (m Machine) number(name string) (float64, bool) {
	text, err := fs.ReadFile(m.files, name)
	if err != nil {
		return 0, false
	}
	v, err := strconv.ParseFloat(strings.TrimSpace(string(text)), 64)
	return v, err == nil
}

// Temperature returns the temperature of the hottest sensor in °C.
func (m Machine) Temperature() (celsius float64, ok bool) {
	zones, _ := fs.Glob(m.files, "sys/class/thermal/thermal_zone*/temp")
	for _, zone := range zones {
		if milli, there := m.number(zone); there && (!ok || milli/1000 > celsius) {
			celsius, ok = milli/1000, true
		}
	}
	return celsius, ok
}

// Load returns how many processes wanted to run, on average of the last minute.
func (m Machine) Load() (processes float64, ok bool) {
	text, err := fs.ReadFile(m.files, "proc/loadavg")
	if err != nil {
		return 0, false
	}
	first, _, _ := strings.Cut(string(text), " ")
	processes, err = strconv.ParseFloat(first, 64)
	return processes, err == nil
}

// Processors returns how many processors there are.
func (Machine) Processors() int { return runtime.NumCPU() }

// Memory returns the bytes there are, and those that programs could still get.
func (m Machine) Memory() (total, available int64, ok bool) {
	text, err := fs.ReadFile(m.files, "proc/meminfo")
	if err != nil {
		return 0, 0, false
	}
	for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
		words := strings.Fields(lines.Text())
		if len(words) < 2 {
			continue
		}
		kilobytes, err := strconv.ParseInt(words[1], 10, 64)
		switch {
		case err != nil:
		case words[0] == "MemTotal:":
			total = kilobytes << 10
		case words[0] == "MemAvailable:":
			available = kilobytes << 10
		}
	}
	return total, available, total > 0
}

// Battery returns the charge of the fullest battery in percent, and whether the machine
// draws from it.
func (m Machine) Battery() (percent float64, discharging, ok bool) {
	supplies, _ := fs.Glob(m.files, "sys/class/power_supply/*/capacity")
	for _, supply := range supplies {
		charge, there := m.number(supply)
		if !there || ok && charge <= percent {
			continue
		}
		status, _ := fs.ReadFile(m.files, path.Join(path.Dir(supply), "status"))
		percent, discharging, ok = charge, strings.TrimSpace(string(status)) == "Discharging", true
	}
	return percent, discharging, ok
}

package device_test

import (
	"testing"
	"testing/fstest"

	"megl-edge/cmd/megl-edge/internal/device"
)

func TestMachine(t *testing.T) {
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	m := device.Of(fstest.MapFS{
		"sys/class/thermal/thermal_zone0/temp":  file("48312\n"),
		"sys/class/thermal/thermal_zone1/temp":  file("61000\n"),
		"sys/class/thermal/thermal_zone2/temp":  file("no number\n"),
		"proc/loadavg":                          file("0.42 0.30 0.25 2/345 6789\n"),
		"proc/meminfo":                          file("MemTotal:         948304 kB\nMemFree:           50000 kB\nMemAvailable:     612340 kB\nHugePages_Total:       0\n"),
		"sys/class/power_supply/BAT0/capacity":  file("71\n"),
		"sys/class/power_supply/BAT0/status":    file("Discharging\n"),
		"sys/class/power_supply/mouse/capacity": file("12\n"),
	})
	if v, ok := m.Temperature(); v != 61 || !ok {
		t.Errorf("temperature %v, %v", v, ok)
	}
	if v, ok := m.Load(); v != .42 || !ok {
		t.Errorf("load %v, %v", v, ok)
	}
	if total, available, ok := m.Memory(); total != 948304<<10 || available != 612340<<10 || !ok {
		t.Errorf("memory %v, %v, %v", total, available, ok)
	}
	if v, discharging, ok := m.Battery(); v != 71 || !discharging || !ok {
		t.Errorf("battery %v, %v, %v", v, discharging, ok)
	}
	if m.Processors() < 1 {
		t.Error("there is no processor")
	}
}

func TestMachineWithoutSensors(t *testing.T) {
	m := device.Of(fstest.MapFS{})
	_, temperature := m.Temperature()
	_, load := m.Load()
	_, _, memory := m.Memory()
	_, _, battery := m.Battery()
	if temperature || load || memory || battery {
		t.Error("a machine without files knows how it is doing")
	}
}

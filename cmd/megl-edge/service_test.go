package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The units name what was asked for, and the tools of both systems accept them.
func TestServicePrint(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "a program")
	if err := os.WriteFile(binary, []byte("#!/bin/sh\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, flags := range map[string][]string{
		"plain":  nil,
		"store":  {"--store", "/srv/it's 100% $HOME", "--require-signature", "/etc/key.pem", "--prediction-log", "--threads", "2"},
		"camera": {"--camera", "/dev/video0", "--every", "5s"},
	} {
		flags = append(flags, "--binary", binary, "--user", "daemon")
		unit := done(t, append([]string{"service", "print"}, flags...)...)
		for _, want := range []string{"ProtectSystem=strict", "NoNewPrivileges=yes", "PrivateNetwork=yes", "User=daemon", `"explain" "--json"`} {
			if !strings.Contains(unit, want) {
				t.Errorf("%s: the unit lacks %q:\n%s", name, want, unit)
			}
		}
		if strings.Contains(unit, "DeviceAllow") != (name == "camera") || strings.Contains(unit, "100%% $$HOME") != (name == "store") {
			t.Errorf("%s: the unit is\n%s", name, unit)
		}
		path := written(t, "megl-edge.service", []byte(unit))
		if analyze, err := exec.LookPath("systemd-analyze"); err == nil {
			if out, err := exec.Command(analyze, "verify", path).CombinedOutput(); err != nil || strings.Contains(string(out), "megl-edge.service:") {
				t.Errorf("%s: systemd-analyze: %v: %s", name, err, out)
			}
		}
		script := done(t, append([]string{"service", "print", "--init", "openrc"}, flags...)...)
		if shell, err := exec.LookPath("sh"); err == nil {
			// As openrc-run does: read the script, and the arguments by eval.
			probe := written(t, "probe", []byte(script+"\neval \"set -- $command_args\"\nfor word; do printf '[%s]' \"$word\"; done\nprintf '[%s]' \"$command\"\n"))
			out, err := exec.Command(shell, probe).CombinedOutput()
			want := "[explain][--json][--every="
			if err != nil || !strings.HasPrefix(string(out), want) || !strings.HasSuffix(string(out), "["+binary+"]") ||
				name == "store" && !strings.Contains(string(out), "[--store=/srv/it's 100% $HOME]") {
				t.Errorf("%s: the script gives %s, %v", name, out, err)
			}
		}
	}
	refused(t, "absolute path", "service", "print", "--store", "store")
	refused(t, "absolute path", "service", "print", "--watch", "/a\nExecStart=/bin/sh")
	refused(t, "no name of a user", "service", "print", "--user", "x y")
	refused(t, "one of them", "service", "print", "--watch", "/a", "--camera", "/dev/video0")
}

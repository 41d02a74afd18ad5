package safetensors

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
)

// allocated returns the bytes that f allocates.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// TestClaimsCostNothing parses files that claim much and hold little.
func TestClaimsCostNothing(t *testing.T) {
	claims := map[string][]byte{
		"header of 100 MB": append([]byte{0x00, 0xe1, 0xf5, 0x05, 0, 0, 0, 0}, "{}"...),
		"header of 2^63":   append([]byte{0, 0, 0, 0, 0, 0, 0, 0x80}, "{}"...),
		"tensor of 2 GB":   container(`{"a":{"dtype":"U8","shape":[2147483647],"data_offsets":[0,2147483647]}}`, 1),
		"offsets of 2^62":  container(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[4611686018427387904,4611686018427387905]}}`, 1),
		"endless product":  container(`{"a":{"dtype":"F64","shape":[2147483647,2147483647,2147483647],"data_offsets":[0,8]}}`, 1),
		"100000 arrays":    container(`{"a":` + strings.Repeat("[", 100_000)),
		"100000 in shape":  container(`{"a":{"dtype":"U8","shape":` + strings.Repeat("[", 100_000)),
		"100000 in dtype":  container(`{"a":{"dtype":` + strings.Repeat("[", 100_000)),
		"100000 in meta":   container(`{"__metadata__":{"a":` + strings.Repeat("[", 100_000)),
		"100000 dims":      container(`{"a":{"dtype":"U8","shape":[` + strings.Repeat("1,", 100_000)),
		"100000 offsets":   container(`{"a":{"data_offsets":[` + strings.Repeat("1,", 100_000)),
	}
	const limit = 32 << 10
	for name, file := range claims {
		var err error
		got := allocated(func() { _, err = Parse(file) })
		if err == nil {
			t.Errorf("%s: accepted", name)
		}
		if got > limit {
			t.Errorf("%s: %d bytes allocated for a file of %d, limit %d", name, got, len(file), limit)
		}
	}
}

// TestMemoryGrowsWithTheFile parses files made of as many parts as fit.
func TestMemoryGrowsWithTheFile(t *testing.T) {
	const parts = 20_000
	var tensors, metadata strings.Builder
	for i := range parts {
		fmt.Fprintf(&tensors, `,"%x":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}`, i)
		fmt.Fprintf(&metadata, `,"%x":""`, i)
	}
	long := strings.Repeat("x", 1<<20)
	for name, c := range map[string]struct {
		header string
		factor int // allocated bytes for each byte of the file, at most
	}{
		"tensors":     {"{" + tensors.String()[1:] + "}", 32},
		"metadata":    {`{"__metadata__":{` + metadata.String()[1:] + "}}", 64},
		"long value":  {`{"__metadata__":{"k":"` + long + `"}}`, 8},
		"long name":   {`{"` + long + `":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}`, 8},
		"long number": {`{"a":{"shape":[` + strings.Repeat("9", 1<<20) + `]}}`, 8},
	} {
		file := container(c.header)
		got := allocated(func() { Parse(file) })
		t.Logf("%s: file of %d bytes, %d allocated, factor %.1f", name, len(file), got, float64(got)/float64(len(file)))
		if got > uint64(len(file)*c.factor) {
			t.Errorf("%s: %d bytes allocated for a file of %d", name, got, len(file))
		}
	}
}

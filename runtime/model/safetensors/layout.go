package safetensors

import (
	"cmp"
	"fmt"
	"slices"
)

// checkLayout sorts the entries by their place in data and fails unless each
// byte belongs to exactly one of them. Empty tensors take no bytes but have
// their place too.
func checkLayout(entries []entry, data []byte) error {
	size := int64(len(data))
	for _, e := range entries {
		if e.end > size {
			return fmt.Errorf("tensor %s: data end at byte %d, and the file has %d bytes of data: truncated", quote(e.name), e.end, size)
		}
	}
	slices.SortStableFunc(entries, byPlace)
	if err := checkContiguous(entries, size); err != nil {
		return err
	}
	for _, e := range entries {
		if err := checkBytes(e.dtype, data[e.begin:e.end]); err != nil {
			return fmt.Errorf("tensor %s: %w", quote(e.name), err)
		}
	}
	return nil
}

func byPlace(a, b entry) int {
	return cmp.Or(cmp.Compare(a.begin, b.begin), cmp.Compare(a.end, b.end))
}

func checkContiguous(sorted []entry, size int64) error {
	var next int64 // first byte that has no owner yet
	for i, e := range sorted {
		if e.begin < next {
			return fmt.Errorf("tensor %s: data start at byte %d, inside tensor %s", quote(e.name), e.begin, quote(sorted[i-1].name))
		}
		if e.begin > next {
			return fmt.Errorf("tensor %s: data start at byte %d; bytes %d to %d belong to no tensor", quote(e.name), e.begin, next, e.begin-1)
		}
		next = e.end
	}
	if next != size {
		return fmt.Errorf("last %d bytes of the file belong to no tensor", size-next)
	}
	return nil
}

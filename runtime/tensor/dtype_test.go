package tensor_test

import (
	"encoding/json"
	"testing"

	"megl-edge/runtime/tensor"
)

// The names and sizes of the safetensors format.
func TestDTypes(t *testing.T) {
	sizes := map[string]int{
		"BOOL": 1, "U8": 1, "I8": 1, "U16": 2, "I16": 2, "U32": 4, "I32": 4, "U64": 8, "I64": 8, "F32": 4, "F64": 8,
	}
	for d := tensor.Bool; d <= tensor.Float64; d++ {
		size, ok := sizes[d.String()]
		if !ok || size != d.Size() {
			t.Errorf("type %v has %d bytes, want %d", d, d.Size(), size)
		}
		delete(sizes, d.String())
		text, err := json.Marshal(d)
		var again tensor.DType
		if err == nil {
			err = json.Unmarshal(text, &again)
		}
		if err != nil || again != d {
			t.Errorf("%v is written %s and read %v: %v", d, text, again, err)
		}
	}
	if len(sizes) != 0 {
		t.Errorf("types that are missing: %v", sizes)
	}
}

func TestUnknownDTypes(t *testing.T) {
	for _, d := range []tensor.DType{tensor.Invalid, tensor.Float64 + 1, 255} {
		if d.Size() != 0 || d.String() == "" {
			t.Errorf("type %v has %d bytes", d, d.Size())
		}
		_, err := d.MarshalText()
		checkMessage(t, err, "cannot be written")
	}
	for _, name := range []string{"INVALID", "", "f32", "BF16", "F32\n"} {
		d, err := tensor.ParseDType(name)
		checkMessage(t, err, "is not known")
		if d != tensor.Invalid {
			t.Errorf("type %q is %v", name, d)
		}
	}
}

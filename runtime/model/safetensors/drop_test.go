package safetensors

import (
	"bytes"
	"path/filepath"
	"testing"

	"megl-edge/runtime/tensor"
)

// What was dropped is read from the file again; memory that is not the file's
// keeps its content.
func TestDrop(t *testing.T) {
	value := tensor.Zeros(tensor.Type{DType: tensor.UInt8, Shape: tensor.Shape{50_000}})
	for i := range value.Data {
		value.Data[i] = byte(i * 31 >> 4)
	}
	path := filepath.Join(t.TempDir(), "model.megl")
	if err := WriteFile(path, nil, []Entry{{Name: "a", Tensor: value}, {Name: "b", Tensor: value}}); err != nil {
		t.Fatal(err)
	}
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	own := bytes.Clone(value.Data)
	for range 2 {
		for _, name := range []string{"a", "b"} {
			got, err := f.Tensor(name)
			if err != nil {
				t.Fatal(err)
			}
			f.Drop(got.Data)
			f.Drop(got.Data[:1])
			f.Drop(nil)
			if !bytes.Equal(got.Data, value.Data) {
				t.Errorf("%s changed when it was dropped", name)
			}
		}
		f.Drop(own)
		if !bytes.Equal(own, value.Data) {
			t.Fatal("memory of the program was dropped")
		}
	}
}

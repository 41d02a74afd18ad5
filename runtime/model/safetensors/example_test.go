package safetensors_test

import (
	"fmt"
	"log"
	"os"
	"path/filepath"

	"megl-edge/runtime/model/safetensors"
	"megl-edge/runtime/tensor"
)

func Example() {
	folder, err := os.MkdirTemp("", "")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(folder)
	path := filepath.Join(folder, "model.megl")

	weights := tensor.Must(tensor.Of(tensor.Shape{2, 2}, []float32{1, 2, 3, 4}))
	entries := []safetensors.Entry{{Name: "weights", Tensor: weights}}
	sum := fmt.Sprintf("%x", safetensors.Sum(entries))
	if err := safetensors.WriteFile(path, map[string]string{"sha256": sum}, entries); err != nil {
		log.Fatal(err)
	}

	file, err := safetensors.Open(path)
	if err != nil {
		log.Fatal(err)
	}
	defer file.Close()
	t, err := file.Tensor("weights")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(t.Type, tensor.Elements[float32](t))
	fmt.Println(file.Metadata()["sha256"] == fmt.Sprintf("%x", file.DataSum()))
	// Output:
	// F32[2×2] [1 2 3 4]
	// true
}

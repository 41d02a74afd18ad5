package safetensors

import (
	"testing"

	"megl-edge/runtime/tensor"
)

// FuzzParse takes any bytes. What is accepted must survive being written and
// read again.
func FuzzParse(f *testing.F) {
	f.Add(written(f, sampleMetadata(), samples()))
	f.Add(written(f, nil, []Entry{{"x", tensor.Scalar[float32](1)}}))
	f.Add(container("{}"))
	f.Add(container("{"+byteTensor+"}  ", 1))
	f.Add(container("{"+byteTensor+`,"b":{"dtype":"F64","shape":[0,3],"data_offsets":[1,1]}}`, 1))
	f.Add(container(`{"__metadata__":{"k":"\ud83d\ude00\u0000"},"a":{"dtype":"BOOL","shape":[2],"data_offsets":[0,2]}}`, 0, 1))
	f.Add(container(`{"a":{"dtype":"U8","shape":[65536,65536,65536,65536],"data_offsets":[0,0]}}`))
	f.Add(container(`{"__metadata__":{"k":"\ud800"}}`))
	f.Add([]byte("\xff\xff\xff\xff\xff\xff\xff\xff{}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := Parse(data)
		if err != nil {
			return
		}
		var entries []Entry
		for _, name := range file.Names() {
			x, err := file.Tensor(name)
			if err != nil {
				t.Fatal(err)
			}
			entries = append(entries, Entry{name, x})
		}
		again, err := Parse(written(t, file.Metadata(), entries))
		if err != nil {
			t.Fatal(err)
		}
		requireHolds(t, again, file.Metadata(), entries)
	})
}

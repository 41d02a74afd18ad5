package graph_test

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

// stored are the tensors that hostile graphs may refer to.
func stored(name string) (tensor.Tensor, error) {
	switch name {
	case "w":
		return tensor.Zeros(float(2)), nil
	case "short":
		return tensor.Tensor{Type: float(2), Data: make([]byte, 7)}, nil
	case "unaligned":
		return tensor.Tensor{Type: float(2), Data: tensor.Zeros(float(3)).Data[1:9]}, nil
	case "bool":
		return tensor.Tensor{Type: of(tensor.Bool, 2), Data: []byte{1, 2}}, nil
	case "q":
		return tensor.Zeros(of(tensor.Int8, 2)), nil
	}
	return tensor.Tensor{}, errors.New("no such tensor")
}

const (
	inputNode  = `{"op":"input","name":"x","type":{"dtype":"F32","shape":[2]}}`
	output     = `],"outputs":[{"name":"y","node":0}]}`
	beginImage = `{"nodes":[{"op":"input","name":"x","type":{"dtype":"F32","shape":[1,4,4,1]}},`
	begin      = `{"nodes":[` + inputNode + `,`
)

var hostile = []struct{ name, data, want string }{
	{"nothing", ``, "EOF"},
	{"no JSON", `graph`, "invalid character"},
	{"cut off", begin[:40], "unexpected EOF"},
	{"wrong kind of value", `[]`, "cannot unmarshal"},
	{"null", `null`, "no outputs"},
	{"no list", `{"nodes":{}}`, "want a list"},
	{"nodes are numbers", `{"nodes":[1]}`, "cannot unmarshal"},
	{"two values", `{"nodes":[` + inputNode + output + `{}`, "more than one JSON value"},
	{"unknown field", `{"version":1}`, `unknown field "version"`},
	{"unknown field of a node", `{"nodes":[{"opp":"input"}]}`, `unknown field "opp"`},
	{"unknown field of an output", `{"nodes":[` + inputNode + `],"outputs":[{"name":"y","node":0,"x":1}]}`, `unknown field "x"`},
	{"unknown field of a type", `{"nodes":[{"op":"input","name":"x","type":{"dtype":"F32","shape":[2],"x":1}}]}`, `unknown field "x"`},
	{"no outputs", `{"nodes":[` + inputNode + `]}`, "no outputs"},
	{"no nodes", `{"outputs":[{"name":"y","node":0}]}`, "does not exist"},
	{"output after the end", `{"nodes":[` + inputNode + `],"outputs":[{"name":"y","node":1}]}`, "node 1 of 1 does not exist"},
	{"negative output", `{"nodes":[` + inputNode + `],"outputs":[{"name":"y","node":-1}]}`, "node -1 of 1 does not exist"},
	{"output without a name", `{"nodes":[` + inputNode + `],"outputs":[{"node":0}]}`, "a name of 0 bytes"},
	{"unprintable output", `{"nodes":[` + inputNode + `],"outputs":[{"name":"a\u001b[2Jb","node":0}]}`, "cannot be printed"},
	{"two outputs of one name", `{"nodes":[` + inputNode + `],"outputs":[{"name":"y","node":0},{"name":"y","node":0}]}`, "two outputs"},
	{"many outputs", `{"nodes":[` + inputNode + `],"outputs":[` + strings.Repeat(`{},`, 5000) + `{}]}`, "at most 1024"},
	{"many nodes", `{"nodes":[` + strings.Repeat(`{},`, 1<<16) + `{}]}`, "more than 65536"},
	{"many inputs", begin + `{"op":"concat","name":"c","attributes":{"axis":0},"inputs":[` + strings.Repeat(`0,`, 1<<16) + `0]}` + output, "more than 65536"},
	{"unknown op", begin + `{"op":"launch","name":"a","inputs":[0]}` + output, `op "launch" is not known`},
	{"long op", begin + `{"op":"` + strings.Repeat("z", 100_000) + `","name":"a"}` + output, `op "zzz`},
	{"no op", `{"nodes":[{"name":"x"}]}`, `op "" is not known`},
	{"no name", `{"nodes":[{"op":"input"}]}`, "a name of 0 bytes"},
	{"long name", `{"nodes":[{"op":"input","name":"` + strings.Repeat("z", 100_000) + `"}]}`, "a name of 100000 bytes"},
	{"name with a line break", `{"nodes":[{"op":"input","name":"a\nb"}]}`, "cannot be printed"},
	{"right-to-left name", `{"nodes":[{"op":"input","name":"a\u202eb"}]}`, "cannot be printed"},
	{"name used twice", begin + inputNode + output, `name "x" is used twice`},
	{"input without a type", `{"nodes":[{"op":"input","name":"x"}]}`, "only inputs and constants have a type"},
	{"input with inputs", begin + `{"op":"input","name":"z","inputs":[0],"type":{"dtype":"F32","shape":[]}}` + output, "no inputs"},
	{"op with a type", begin + `{"op":"sqrt","name":"s","inputs":[0],"type":{"dtype":"F32","shape":[2]}}` + output, "only inputs and constants have a type"},
	{"op with a tensor", begin + `{"op":"sqrt","name":"s","inputs":[0],"tensor":"w"}` + output, "only constants a tensor"},
	{"constant without a tensor", `{"nodes":[{"op":"constant","name":"c","type":{"dtype":"F32","shape":[2]}}]}`, "only constants a tensor"},

	{"forward reference", begin + `{"op":"sqrt","name":"s","inputs":[2]},{"op":"sqrt","name":"t","inputs":[0]}` + output, "input 0 is node 2"},
	{"self reference", begin + `{"op":"sqrt","name":"s","inputs":[1]}` + output, "input 0 is node 1, which does not come before it"},
	{"negative reference", begin + `{"op":"sqrt","name":"s","inputs":[-1]}` + output, "input 0 is node -1"},
	{"huge reference", begin + `{"op":"sqrt","name":"s","inputs":[99999999999999999999]}` + output, "cannot unmarshal"},
	{"fractional reference", begin + `{"op":"sqrt","name":"s","inputs":[0.5]}` + output, "cannot unmarshal"},
	{"reference by name", begin + `{"op":"sqrt","name":"s","inputs":["x"]}` + output, "cannot unmarshal"},
	{"too few inputs", begin + `{"op":"sqrt","name":"s"}` + output, "has 0 inputs"},
	{"too many inputs", begin + `{"op":"sqrt","name":"s","inputs":[0,0]}` + output, "has 2 inputs"},

	{"missing attributes", begin + `{"op":"clamp","name":"s","inputs":[0]}` + output, "has no attributes"},
	{"needless attributes", begin + `{"op":"sqrt","name":"s","inputs":[0],"attributes":{}}` + output, "takes none"},
	{"wrong type of attributes", begin + `{"op":"clamp","name":"s","inputs":[0],"attributes":[1,2]}` + output, "cannot unmarshal"},
	{"wrong type of attribute", begin + `{"op":"clamp","name":"s","inputs":[0],"attributes":{"min":"0"}}` + output, "cannot unmarshal"},
	{"null attributes", begin + `{"op":"reshape","name":"s","inputs":[0],"attributes":null}` + output, "shape 2 cannot become scalar"},
	{"unknown attribute", begin + `{"op":"clamp","name":"s","inputs":[0],"attributes":{"mn":0}}` + output, `unknown field "mn"`},
	{"unknown attribute of an embedded part", beginImage + `{"op":"quant_conv","name":"s","inputs":[0],"attributes":{"strides":[1,1]}}` + output, `unknown field "strides"`},
	{"attribute out of range", begin + `{"op":"clamp","name":"s","inputs":[0],"attributes":{"min":1e39}}` + output, "cannot unmarshal"},
	{"infinite attribute", begin + `{"op":"clamp","name":"s","inputs":[0],"attributes":{"min":Infinity}}` + output, "invalid character"},
	{"NaN attribute", begin + `{"op":"clamp","name":"s","inputs":[0],"attributes":{"min":NaN}}` + output, "invalid character"},
	{"empty range", begin + `{"op":"clamp","name":"s","inputs":[0],"attributes":{"min":1,"max":0}}` + output, "holds no number"},
	{"short stride", beginImage + `{"op":"max_pool","name":"s","inputs":[0],"attributes":{"kernel":[1,1],"stride":[1],"pad":[0,0,0,0]}}` + output, "1 numbers, want 2"},
	{"long padding", beginImage + `{"op":"max_pool","name":"s","inputs":[0],"attributes":{"kernel":[1,1],"stride":[1,1],"pad":[0,0,0,0,7]}}` + output, "5 numbers, want 4"},
	{"stride that is no list", beginImage + `{"op":"max_pool","name":"s","inputs":[0],"attributes":{"kernel":1}}` + output, "cannot unmarshal"},
	{"zero stride", beginImage + `{"op":"max_pool","name":"s","inputs":[0],"attributes":{"kernel":[1,1],"stride":[0,0],"pad":[0,0,0,0]}}` + output, "between 1 and 4096"},
	{"negative axis", begin + `{"op":"concat","name":"s","inputs":[0],"attributes":{"axis":-1}}` + output, "axis -1 is negative"},
	{"large axis", begin + `{"op":"reduce_sum","name":"s","inputs":[0],"attributes":{"axes":[1000000000]}}` + output, "axes [1000000000]"},
	{"many axes", begin + `{"op":"reduce_sum","name":"s","inputs":[0],"attributes":{"axes":[` + strings.Repeat("0,", 100_000) + `0]}}` + output, "a list for 100001 axes"},
	{"unknown function", begin + `{"op":"quant_unary","name":"s","inputs":[0],"attributes":{"function":"` + strings.Repeat("z", 100_000) + `","output":{"scale":1}}}` + output, "is not known"},
	{"deep nesting", begin + `{"op":"clamp","name":"s","inputs":[0],"attributes":` + strings.Repeat(`[`, 50_000) + strings.Repeat(`]`, 50_000) + `}` + output, "exceeded max depth"},

	{"unknown element type", `{"nodes":[{"op":"input","name":"x","type":{"dtype":"` + strings.Repeat("F", 100_000) + `","shape":[2]}}]}`, "is not known"},
	{"no element type", `{"nodes":[{"op":"input","name":"x","type":{"shape":[2]}}]}`, "cannot be stored"},
	{"negative shape", `{"nodes":[{"op":"input","name":"x","type":{"dtype":"F32","shape":[-2]}}]}`, "negative dimension"},
	{"huge shape", `{"nodes":[{"op":"input","name":"x","type":{"dtype":"F32","shape":[65536,65536,65536]}}]}`, "more than 2 GiB"},
	{"huge shape behind an empty axis", `{"nodes":[{"op":"input","name":"x","type":{"dtype":"F32","shape":[0,65536,65536]}}]}`, "more than 2 GiB"},
	{"huge dimension", `{"nodes":[{"op":"input","name":"x","type":{"dtype":"F32","shape":[9999999999999999999999]}}]}`, "cannot unmarshal"},
	{"many dimensions", `{"nodes":[{"op":"input","name":"x","type":{"dtype":"F32","shape":[` + strings.Repeat("1,", 100_000) + `1]}}]}`, "a shape of 100001 dimensions"},
	{"huge result", begin + `{"op":"pad","name":"s","inputs":[0],"attributes":{"before":[2147483647],"after":[2147483647]}}` + output, "too long"},
	{"empty quantization", `{"nodes":[{"op":"input","name":"x","type":{"dtype":"I8","shape":[2],"quantization":{}}}]}`, "0 scales"},
	{"quantized floats", `{"nodes":[{"op":"input","name":"x","type":{"dtype":"F32","shape":[2],"quantization":{"scale":[1],"zero_point":[0]}}}]}`, "cannot be quantized"},
	{"negative scale", `{"nodes":[{"op":"input","name":"x","type":{"dtype":"I8","shape":[2],"quantization":{"scale":[-1],"zero_point":[0]}}}]}`, "above 0"},
	{"scales that do not fit", `{"nodes":[{"op":"input","name":"x","type":{"dtype":"I8","shape":[2],"quantization":{"scale":[1,1,1],"zero_point":[0,0,0]}}}]}`, "3 scales along axis 0"},
	{"scales along a missing axis", `{"nodes":[{"op":"input","name":"x","type":{"dtype":"I8","shape":[2],"quantization":{"scale":[1,1],"zero_point":[0,0],"axis":7}}}]}`, "along axis 7"},

	{"missing tensor", `{"nodes":[{"op":"constant","name":"c","tensor":"z","type":{"dtype":"F32","shape":[2]}}]}`, "no such tensor"},
	{"unprintable tensor", `{"nodes":[{"op":"constant","name":"c","tensor":"\n","type":{"dtype":"F32","shape":[2]}}]}`, "cannot be printed"},
	{"tensor of another type", `{"nodes":[{"op":"constant","name":"c","tensor":"w","type":{"dtype":"I32","shape":[2]}}]}`, `constant "c" is I32[2], its tensor "w" is F32[2]`},
	{"tensor of another shape", `{"nodes":[{"op":"constant","name":"c","tensor":"w","type":{"dtype":"F32","shape":[1,2]}}]}`, "is F32[1×2]"},
	{"short tensor", `{"nodes":[{"op":"constant","name":"c","tensor":"short","type":{"dtype":"F32","shape":[2]}}]}`, "7 bytes of data"},
	{"unaligned tensor", `{"nodes":[{"op":"constant","name":"c","tensor":"unaligned","type":{"dtype":"F32","shape":[2]}}]}`, "not aligned"},
	{"bool that is neither", `{"nodes":[{"op":"constant","name":"c","tensor":"bool","type":{"dtype":"BOOL","shape":[2]}}]}`, "other than 0 and 1"},
	{"zero point out of range", `{"nodes":[{"op":"constant","name":"c","tensor":"q","type":{"dtype":"I8","shape":[2],"quantization":{"scale":[1],"zero_point":[128]}}}]}`, "zero point 128"},
}

func TestHostileGraphs(t *testing.T) {
	for _, h := range hostile {
		t.Run(h.name, func(t *testing.T) {
			_, err := decodeWithinLimits(t, []byte(h.data))
			checkMessage(t, err, h.want)
		})
	}
}

// decodeWithinLimits fails where Decode allocates much more than it was given.
func decodeWithinLimits(t *testing.T, data []byte) (*graph.Graph, error) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	g, err := graph.Decode(data, stored)
	runtime.ReadMemStats(&after)
	if used, limit := after.TotalAlloc-before.TotalAlloc, uint64(1<<20+400*len(data)); used > limit {
		t.Errorf("%d bytes of JSON made Decode allocate %d bytes", len(data), used)
	}
	return g, err
}

// Files that are larger in memory than as text: short nodes, short inputs and
// shapes that every node has again.
func TestDecodeMemory(t *testing.T) {
	ones := strings.Repeat("1,", 63) + "1"
	deep := `{"nodes":[{"op":"input","name":"x","type":{"dtype":"F32","shape":[` + ones + `]}}`
	var nodes strings.Builder
	for i := range 20_000 {
		fmt.Fprintf(&nodes, `,{"op":"add","name":"%d","inputs":[%d,0]}`, i, i)
	}
	for name, data := range map[string]string{
		"short nodes":    `{"nodes":[` + strings.Repeat(`{},`, 60_000) + `{}]}`,
		"million nodes":  `{"nodes":[` + strings.Repeat(`{},`, 1_000_000) + `{}]}`,
		"million inputs": `{"nodes":[{"op":"concat","inputs":[` + strings.Repeat(`0,`, 1_000_000) + `0]}]}`,
		"long shapes":    deep + nodes.String() + output,
	} {
		t.Run(name, func(t *testing.T) {
			_, _ = decodeWithinLimits(t, []byte(data))
		})
	}
}

// FuzzDecode: no panic, no large allocation, and a graph that is accepted is
// written and read again without a change.
func FuzzDecode(f *testing.F) {
	for _, h := range hostile {
		if len(h.data) < 1000 {
			f.Add([]byte(h.data))
		}
	}
	f.Add([]byte(begin + `{"op":"constant","name":"c","tensor":"q","type":{"dtype":"I8","shape":[2],"quantization":{"scale":[0.5],"zero_point":[1]}}},` +
		`{"op":"dequantize","name":"d","inputs":[1]},{"op":"mul","name":"m","inputs":[0,2]}` + output))
	for _, c := range slices.Concat(floatCases, quantCases, otherCases) {
		n := newNetwork(1)
		y, _ := c.build(n)
		n.Output("y", y)
		if g, err := n.Build(); err == nil {
			if data, _, err := graph.Encode(g); err == nil {
				f.Add(data)
			}
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		g, err := decodeWithinLimits(t, data)
		if err != nil {
			if strings.ContainsAny(err.Error(), "\n\r\x1b") {
				t.Errorf("error %q is more than one line", err)
			}
			return
		}
		checkRoundTrip(t, g)
	})
}

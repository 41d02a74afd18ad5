package onnx_test

import (
	goruntime "runtime"
	"strings"
	"testing"
	"time"

	"megl-edge/runtime/onnx"
)

// hostileNodes has models of one node that are wrong or ask for too much, and
// words of the error; for the notation see [written].
var hostileNodes = [][2]string{
	// Results of gigabytes.
	{"ConstantOfShape [1099511627776]", "dimension of 1099511627776"},
	{"ConstantOfShape [65536,65536]", "more than 2 GiB"},
	{"ConstantOfShape [20000,20000]", "memory"},
	{"ConstantOfShape [-1]", "dimension of -1"},
	{"ConstantOfShape [0,65536,65536]", "more than 2 GiB"},
	{"Range #0 #1000000000000 #1", "too long"},
	{"Range #0 #400000000 #1", "too long"},
	{"Range #0 #1 #0", "too long"},
	{"Range #0.0 #1.0 #0.0", "too long"},
	{"Expand =f:1 [20000,20000]", "memory"},
	{"Expand =f:1 [65536,65536]", "more than 2 GiB"},
	{"Expand =f:1 [9223372036854775807]", "dimension"},
	{"Tile =f:2 [200000000]", "memory"},
	{"Tile =f:2 [9223372036854775807]", "dimension"},
	{"Tile =f:2 [-1]", "dimension"},
	{"Tile =f:2 [4611686018427387905]", "dimension"},
	{"Pad =f:2 [400000000,0]", "memory"},
	{"Pad =f:2 [2147483647,2147483647]", "an axis of 4294967296 elements is too long"},
	{"Pad =f:2 [200000000,0] _ _ mode=edge", "memory"},
	{"Pad f:2 [500000000,0] _ _ mode=reflect", "memory"},
	{"Pad f:2 [-3,0]", "padding"},
	{"Pad f:2 [-9223372036854775808,0]", "padding"},
	{"Pad f:0 [1,1] _ _ mode=edge", "empty"},
	{"Pad f:2 [1] _ _ mode=wrap", "1 paddings for 1 axes"},
	{"Resize =f:1x1x1x1 _ _ [1,1,2147483648,1]", "cannot be"},
	{"Resize f:1x1x2x2 _ _ [1,1,400000000,1]", "memory"},
	{"Resize f:1x1x2x2 _ _ [1,1,400000000,1] mode=linear", "memory"},
	{"Resize f:1x1x2x2 _ {1.0,1.0,1e30,1.0}", "cannot be"},
	{"Resize f:1x1x2x2 _ {1.0,1.0,NaN,1.0}", "cannot be"},
	{"Resize f:1x1x2x2 _ {1.0,1.0,-1.0,1.0}", "cannot be"},
	{"Resize f:1x1x2x2 _ {1.0,1.0}", "2 scales for 4 axes"},
	{"Resize f:1x1x2x2 _ _ [1,1,4,4] mode=magic", "mode"},
	{"Resize f:1x1x2x2", "too few inputs"},
	{"Resize f:1x1x8192x8192 _ _ [1,1,8191,8192] mode=linear", "memory"},
	{"Slice f:500000000 [0] [500000000] [0] [2]", "memory"},
	{"Concat =f:1 =f:1 axis=7", "axis 7"},
	{"Einsum f:2x3 f:3x4 equation=ij,jk->ikz", "cannot be"},
	{"Einsum f:2x3 equation=ij,jk->ik", "2 operands, there are 1"},
	{"Einsum f:2x3 f:4x5 equation=ij,jk->ik", "shape 2×3 does not broadcast to 2×4"},
	{"Einsum f:2x3 equation=ijk", "does not fit"},
	{"Einsum f:2x3 equation=...iii", "does not fit"},
	{"Einsum f:2x3 equation=ii", "diagonal"},
	{"Einsum f:2x3 equation=" + strings.Repeat("i", 100_000), "does not fit"},
	{"Einsum f:300x300x300 f:300x300x300 equation=abc,def->abcdef", "more than 2 GiB"},
	{"Einsum =f:1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1 =f:1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1 equation=...,...->...", "does not fit"},
	{"OneHot i64:100000 #16777216 {0.0,1.0}", "shape 100000×16777216 takes more than 2 GiB"},
	{"OneHot i64:3 #1000000000000 {0.0,1.0}", "depth"},
	{"OneHot i64:3 #0 {0.0,1.0}", "depth"},
	{"OneHot f:3 #4 {0.0}", "values have shape 1, want 2"},
	{"MaxPool f:1x1x20000x20000 kernel_shape=[1,1] ->2", "memory"},
	{"AveragePool f:1x1x1x1x1 kernel_shape=[4096,4096,4096] pads=[4096,4096,4096,4096,4096,4096]", "a window of [4096 4096 4096] in this place is not supported"},
	{"MaxPool f:1x1x1x1 kernel_shape=[4096,4096] pads=[4095,4095,4095,4095] dilations=[2,2]", "a window of [4096 4096] in this place is not supported"},
	{"CumSum f:2 #5", "axis 5"},
	{"Attention f:1x1x20000x1 f:1x1x20000x1 f:1x1x20000x1 is_causal=1", "memory"},

	// Convolutions.
	{"Conv f:1x2x5x5 =f:3x2x3x3 strides=[0,1]", "strides is [0 1]"},
	{"Conv f:1x2x5x5 =f:3x2x3x3 strides=[-1,1]", "strides"},
	{"Conv f:1x2x5x5 =f:3x2x3x3 strides=[1]", "strides has 1 entries, want 2"},
	{"Conv f:1x2x5x5 =f:3x2x3x3 dilations=[0,0]", "dilations"},
	{"Conv f:1x2x5x5 =f:3x2x3x3 dilations=[9223372036854775807,1]", "dilations"},
	{"Conv f:1x2x5x5 =f:3x2x3x3 pads=[9223372036854775807,0,0,0]", "pads"},
	{"Conv f:1x2x5x5 =f:3x2x3x3 pads=[-1,0,0,0]", "pads"},
	{"Conv f:1x2x5x5 =f:3x2x3x3 kernel_shape=[0,3]", "kernel_shape"},
	{"Conv f:1x2x5x5 =f:3x2x3x3 kernel_shape=[5,5]", "kernel_shape is [5 5]"},
	{"Conv f:1x2x5x5 =f:3x2x0x3", "a kernel of [0 3]"},
	{"Conv f:1x2x5x5 f:3x2x0x3", "a kernel of [0 3]"},
	{"Conv f:1x2x5x5 =f:3x2x6x6", "does not fit"},
	{"Conv f:1x2x5x5 =f:3x2x3x3 group=0", "do not fit"},
	{"Conv f:1x2x5x5 =f:3x2x3x3 group=9223372036854775807", "do not fit"},
	{"Conv f:1x2x5x5 =f:3x5x3x3", "do not fit"},
	{"Conv f:1x2x5x5 =f:3x2x3", "do not fit"},
	{"Conv f:1x2x5x5 =f:3x2x3x3 =f:4", "bias 4 for 3 output channels"},
	{"Conv f:1x2x5x5 f:3x2x3x3 =f:2x2", "shapes 1×3×3×3 and 2×2 do not broadcast"},
	{"Conv f:2 =f:2", "do not fit"},
	{"Conv f:1x2x5x5 =f:3x2x3x3 auto_pad=SOME", "auto_pad"},
	{"Conv f:1x2x5x5", "input 1 is missing"},
	{"Conv d:1x2x5x5 =f:3x2x3x3", "input 1 is F32[1×3×2], want numbers of one type, not quantiz"},
	{"ConvTranspose f:1x2x3x3 =f:2x3x3x3 pads=[4,4,4,4]", "pixels"},
	{"ConvTranspose f:1x2x3x3 f:2x3x3x3 pads=[4,4,4,4] output_shape=[3]", "output_shape"},
	{"ConvTranspose f:1x2x3x3 =f:2x3x3x3 output_shape=[-5,9223372036854775807]", "the result has 0 pixels"},
	{"ConvTranspose f:1x1x400000x400000 =f:1x1x1x1 strides=[4096,4096]", "input "},
	{"ConvTranspose f:1x1x4000000 f:1x1x1 strides=[4096]", "more than 2147483647 pixels"},
	{"MaxPool f:1x2x5x5 kernel_shape=[6,6]", "does not fit"},
	{"MaxPool f:1x2x5x5", "kernel"},
	{"MaxPool f:1x2x5x5 kernel_shape=[4097,1]", "kernel_shape"},
	{"MaxPool f:1x2x0x0 kernel_shape=[1,1]", "a window of 1 does not fit into 0 pixels"},

	// Axes, indices and shapes.
	{"Reshape f:2x6 [-1,-1]", "-1"},
	{"Reshape f:2x6 [5]", "cannot become"},
	{"Reshape f:2x6 [-2,6]", "shape [-2 6] cannot be"},
	{"Reshape f:2x6 [0,0,0]", "copies an axis"},
	{"Reshape f:2x6 [4294967296,4294967296]", "shape [4294967296 4294967296] cannot be"},
	{"Reshape f:2x6 [-1,0] allowzero=1", "2×6 cannot become [-1 0]"},
	{"Reshape f:2x6 i64:2", "depends on the value of input"},
	{"Reshape f:2x6 " + "[" + strings.Repeat("1,", 100) + "12]", "101 dim"},
	{"Flatten f:2x3 axis=3", "axis 3"},
	{"Flatten f:2x3 axis=-9223372036854775808", "axis"},
	{"Squeeze f:2x1 [0]", "not one long"},
	{"Squeeze f:2x1 [2]", "axis 2"},
	{"Unsqueeze f:2 [0,0]", "twice"},
	{"Unsqueeze f:2 [5]", "axis 5"},
	{"Unsqueeze f:2", "input"},
	{"Transpose f:2x3 perm=[0,0]", "permutation"},
	{"Transpose f:2x3 perm=[0]", "perm"},
	{"Transpose f:2x3 perm=[0,9]", "permutation"},
	{"Concat f:2x3 f:3x3 axis=1", "input 1 is F32[3×3], input 0 is F32[2×3]: element type, quan"},
	{"Concat f:2x3 f:2 axis=0", "has shape 2"},
	{"Concat f:2x3 i64:2x3 axis=0", "input 1 is I64[2×3], input 0 is F32[2×3]: element type, quan"},
	{"Concat axis=0", "missing"},
	{"Resize f:1x1x2x2 _ _ [1,1,1,2147483647] keep_aspect_ratio_policy=not_smaller axes=[0,1,3,2]", "cannot be"},
	{"Resize f:1x1x4x4 {0.0,0.0,NaN,0.0,1.0,1.0,1.0,1.0} _ [1,1,3,3] mode=cubic coordinate_transformation_mode=tf_crop_and_resize", "a region of"},
	{"Resize f:1x1x4x4 {0.0,0.0,0.0,0.0,1.0,1.0,1e30,1.0} _ [1,1,3,3] mode=linear coordinate_transformation_mode=tf_crop_and_resize", "a region of"},
	{"Resize f:1x1x1x60000000 _ _ [1,1,1,1] mode=cubic antialias=1", "memory"},
	{"Gather f:3 [3]", "outside an axis of 3"},
	{"Gather f:3 [-4]", "outside an axis of 3"},
	{"Gather f:3 [0,7]", "an index outside an axis of 3"},
	{"Gather f:3 =f:2", "indices are F32"},
	{"Gather f:3 [0] axis=2", "axis 2"},
	{"Gather f:3", "missing"},
	{"GatherElements f:3x4 [0]", "elements along axis 0 of F32[3×4] at I32[1] (want I32 of the"},
	{"GatherElements =f:3 [5]", "an index outside an axis of 3"},
	{"GatherND f:3x4 =i64:1x3", "indices"},
	{"GatherND f:3x4 =i64:", "indices"},
	{"GatherND f:3x4 =i64:2x1 batch_dims=-1", "batch"},
	{"GatherND f:3x4 =i64:2x1 batch_dims=9", "batch"},
	{"Slice f:5 [0] [3] [0] [0]", "step"},
	{"Slice f:5 [0] [3] [1]", "axis 1"},
	{"Slice f:5 [0,1] [3]", "2 starts, 1 ends"},
	{"Slice f:5 i64:1 [3]", "depends on the value"},
	{"Slice f:5 [0] [3] [0] [-9223372036854775808]", "step"},
	{"Split f:5 [2,2] ->2", "parts of 4 in all, of an axis of 5"},
	{"Split f:5 [-1,6] ->2", "part 0"},
	{"Split f:5 [9223372036854775807,9223372036854775807] ->2", "part 0"},
	{"Split f:5 num_outputs=1000000000 ->2", "outputs"},
	{"Split f:5 num_outputs=0 ->2", "outputs"},
	{"Split f:5 [5] ->2", "output 1 of operator Split"},
	{"TopK f:5 [6] ->2", "k is 6"},
	{"TopK f:5 [-1] ->2", "k is -1"},
	{"TopK f:5 [1,2] ->2", "has too few inputs"},
	{"TopK f: [1] ->2", "axis -1 of a value of 0 dimensions"},
	{"ArgMax f:2x3 axis=2", "axis 2"},
	{"ArgMax f:2x0 axis=1", "input F32[2×0] has no last axis to search"},
	{"Softmax f:2x3 axis=-3", "axis -3"},
	{"Softmax f:", "scalar"},
	{"ReduceSum f:2 [1]", "axis 1"},
	{"LayerNormalization f:2x3 =f:3 axis=2", "axis 2"},
	{"LayerNormalization f:2x3 =f:4", "shapes 2×3 and 4 do not broadcast"},
	{"BatchNormalization f:2x3 =f:2 =f:3 =f:3 =f:3", "statistics 2 for 3 channels"},
	{"BatchNormalization f:2x3 =f:3x1 =f:3 =f:3 =f:3", "statistics"},
	{"BatchNormalization f:2 =f:2 =f:2 =f:2 =f:2", "BatchNormalization of single elements is not supported"},
	{"GroupNormalization f:1x4x3 =f:4 =f:4 num_groups=3", "3 groups"},
	{"GroupNormalization f:1x4x3 =f:3 =f:4 num_groups=2", "3 scales"},
	{"GroupNormalization f:1x4x3 =f:4 =f:4", "0 groups"},
	{"InstanceNormalization f:2x3 =f:3 =f:3", "has too few inputs"},
	{"LRN f:1x5x2x2 size=0", "0 channels"},
	{"MeanVarianceNormalization f:2x3", "axis 2"},
	{"DepthToSpace f:1x7x2x2 blocksize=2", "do not fit"},
	{"SpaceToDepth f:1x1000x1x1 blocksize=4096", "fit"},
	{"SpaceToDepth f:1x2x2 blocksize=2", "blocks of 2"},
	{"Add f:2 f:3", "shapes 2 and 3 do not broadcast"},
	{"Add f:2 i64:2", "input 1 is I64[2], want numbers of one type, not quantized"},
	{"Add f:2", "missing"},
	{"Equal f:2 i64:2", "input 1 is I64[2], want numbers of one type, not quantized"},
	{"And f:2 f:2", "input 0 is F32[2], want BOOL"},
	{"Not f:2", "input 0 is F32[2], want BOOL"},
	{"Where f:2 f:2 f:2", "selection by F32[2] between F32[2] and F32[2]"},
	{"Neg b:2", "input 0 is BOOL[scalar], want numbers of one type, not quant"},
	{"Mod b:2 b:2", "input 0 is BOOL[2], want numbers of one type, not quantized"},
	{"Div =i32:1 #0", "input 1 is I64[scalar], want numbers of one type, not quanti"},
	{"Gemm f:2x3 f:2x3", "do not fit"},
	{"Gemm f:2x3x4 f:2x3", "two axes"},
	{"MatMul f: f:2", "at least one axis"},
	{"MatMul f:2x3 =f:4x2", "do not fit"},
	{"MatMul f:2x3x4 f:3x4x5", "do not broadcast"},
	{"MatMul f:2x3 i64:3x2", "input 1 is I64[3×2], want numbers of one type, not quantized"},

	{"Attention f:1x3x8 f:1x5x4 f:1x5x4 q_num_heads=3 kv_num_heads=2", "3 heads"},
	{"Attention f:1x3x8 f:1x5x4 f:1x5x4", "0 heads"},
	{"Attention f:1x3x8 f:1x5x4 f:1x5x4 q_num_heads=-4 kv_num_heads=2", "-4 heads"},
	{"Attention f:1x3x2x4 f:1x2x5x4 f:1x2x5x4", "3 heads of queries for 2"},
	{"Attention f:3x4 f:3x4 f:3x4", "shapes"},
	{"Attention f:1x2x3x4 f:1x2x3x4 f:1x2x3x4 _ f:4 f:4", "what came before has shape 4, want 4 axes"},
	{"Attention f:1x2x3x4 f:1x2x5x3 f:1x2x5x4", "do not fit"},
	{"Attention f:1x2x3x4 f:1x2x5x4 f:1x2x5x4 f:7", "shapes 1×2×3×5 and 7 do not broadcast"},
	{"Attention f:1x2x3x4 f:1x2x5x4 f:1x2x5x4 qk_matmul_output_mode=9", "qk_matmul_output_mode"},

	// Quantization.
	{"QuantizeLinear f:2x3 =f:2 =u8:2 axis=1", "scales"},
	{"QuantizeLinear f:2x3 {0.5,0.5} =u8:3 axis=0", "scales or zero points of shape 3 for a value of shape 2×3 al"},
	{"QuantizeLinear f:2x3 {0.5,0.5} axis=5", "axis 5"},
	{"QuantizeLinear f:2x3 #0.5 =i64:", "quantization to I64"},
	{"QuantizeLinear f:2x3 =f:2x9 =i8:2x9 axis=1 block_size=9223372036854775807", "block_size"},
	{"QuantizeLinear f:2x3 =f:2x1 =i8:2x1 axis=1 block_size=2147483647", "shape 2×1×2147483647 takes more than 2 GiB"},
	{"QuantizeLinear f:2x3 =f:2x1 =i8:2x1 axis=1 block_size=1", "slice from [0 0] of size 2×3 out of shape 2×1"},
	{"DequantizeLinear =i8:2x3 {0.5,0.25,0.5,0.5} axis=0", "scales"},
	{"DequantizeLinear f:2x3", "missing"},
	{"DequantizeLinear i8:2x3 #0.5 output_dtype=10", "float16"},
	{"QLinearConv u8:1x1x4x4 #0.5 =u8:", "missing"},
	{"QLinearConv u8:1x1x4x4 {0.5,0.5} =u8: =u8:2x1x2x2 #0.5 =u8: #0.5 =u8:", "scales"},
	{"QLinearConv u8:1x1x4x4 #0.5 =u8: =u8:2x1x2x2 #0.5 =u8: #0.5 =u8: =i32:3", "bias 3 for 2 output channels"},
	{"MatMulInteger u8:2x3 u8:4x2", "do not fit"},
	{"ConvInteger u8:1x2x4x4 u8:3x3x2x2", "do not fit"},
	{"DynamicQuantizeLinear i64:3", "input 0 is I64[scalar], want F32"},

	// What is not supported is named.
	{"Loop f:2", "operator Loop is not supported"},
	{"If b:", "operator If is not supported"},
	{"Scan f:2", "operator Scan is not supported"},
	{"Relu f:2 mode=fast", "attribute mode of operator Relu is not supported"},
	{"@28 Relu f:2", "opset 28"},
	{"@-1 Relu f:2", "opset -1"},
	{"Cast f:2 to=10", "float16"},
	{"Cast f:2 to=0", "element type 0"},
	{"Cast f:2", "element type 0"},
	{"Constant", "without a value"},
	{"Constant value_string=abc", `given as "value_string"`},
	{"Constant value_float=1", "attribute value_float has type 2"},
	{"Constant valu\x00_float=1", `a constant given as "valu\x00_float"`},
	{"Constant value_ints=1.5", "attribute value_ints has type 1"},
	{"Constant sparse_value=abc", `a constant given as "sparse_value"`},
	{"Softmax f:2 axis=abc", "attribute axis has type 3"},
	{"Elu f:2 alpha=1", "attribute alpha has type 2"},
	{"Transpose f:2x3 perm=1", "attribute perm has type 2"},
	{"MaxPool f:1x1x4x4 kernel_shape=[2,2] storage_order=1 ->2", "column order"},
	{"BatchNormalization f:2x3 =f:3 =f:3 =f:3 =f:3 ->5", "output 1 of operator"},
}

// Scales that are no scales: an error, or a network that runs.
func TestBadScales(t *testing.T) {
	for _, scale := range []string{"0.0", "-0.5", "NaN", "+Inf", "-Inf", "1e-46"} {
		for _, line := range []string{
			"QuantizeLinear f:2x3 {S}", "QuantizeLinear f:2x3 {S,0.5} axis=0", "DequantizeLinear i8:2x3 {S}", "DequantizeLinear =i8:2x3 {S} _",
		} {
			line = strings.Replace(line, "S", scale, 1)
			tryWithinLimits(t, line, written(line).Bytes())
		}
	}
}

func TestHostileNodes(t *testing.T) {
	for _, h := range hostileNodes {
		name, want := h[0], h[1]
		t.Run(name[:min(len(name), 80)], func(t *testing.T) {
			err := tryWithinLimits(t, name, written(name).Bytes())
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%v, want %q", err, want)
			}
		})
	}
}

// What looks hostile and is allowed.
func TestUnusualNodes(t *testing.T) {
	for _, line := range []string{
		"LRN f:1x1000000x1x1 size=4096",
		"GlobalMaxPool f:1x1x0x0",
		"GlobalMaxPool f:",
		"ReduceMax i64:2x0 [1]",
		"Attention f:1x0x2x4 f:1x0x5x4 f:1x0x5x4",
		"MatMul f:2x3x4 =f:4x0",
		"MatMul f:2x3x4x0 =f:0x2",
		"QLinearMatMul i32:2x3 #0.5 =i8: =i8:3x0 #0.25 =i8: #1.5 =i8:",
	} {
		if err := tryWithinLimits(t, line, written(line).Bytes()); err != nil {
			t.Errorf("%s: %v", line, err)
		}
	}
}

// tryWithinLimits imports what is hostile: it takes no more memory and time than
// an import may, and gives one line. What is no error must run.
func tryWithinLimits(t *testing.T, name string, data []byte) error {
	t.Helper()
	// The time tells work without end from work: emulated processors are slow.
	const mostBytes, mostTime = 100 << 20, 2 * time.Minute
	var before, after goruntime.MemStats
	goruntime.ReadMemStats(&before)
	start := time.Now()
	n, err := onnx.Import(data, onnx.Options{})
	goruntime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; used > mostBytes+uint64(400*len(data)) {
		t.Errorf("%.80s: %d bytes of model made the import take %d", name, len(data), used)
	}
	if took := time.Since(start); took > mostTime {
		t.Errorf("%.80s: took %v", name, took)
	}
	if err == nil {
		err = runSmall(n)
	}
	if err != nil {
		checkLine(t, err)
	}
	return err
}

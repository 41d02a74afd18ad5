package onnx_test

import (
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"megl-edge/runtime/onnx"
)

// operators has a small model for every operator that is read, and for each way
// in which the larger ones are converted; see [written].
var operators = strings.Split(strings.TrimSpace(`
Conv f:1x2x5x5 =f:3x2x3x3 =f:3 pads=[1,1,1,1]
Conv f:1x4x5 =f:4x1x3 group=4 auto_pad=SAME_LOWER
Conv f:1x2x3x4x5 =f:2x2x2x2x2 strides=[1,2,1]
Conv f:1x2x4x4 f:2x1x2x2 group=2 dilations=[2,2]
ConvTranspose f:1x2x3x3 =f:2x3x3x3 strides=[2,2] output_padding=[1,1]
ConvTranspose f:1x2x3 f:2x1x3 group=2 strides=[3]
Gemm f:2x3 =f:4x3 =f:4 transB=1
Gemm f:2x3 f:3x2 f:2x2 alpha=0.5 beta=2.0
MatMul f:2x3x4 =f:4x2
MatMul f:4 f:2x4x3
Einsum f:2x3 f:3x4 equation=ij,jk->ik
Einsum f:2x2x3 equation=iij->j
Einsum f:2x3 f:2x1 equation=...i,...j->i...j
Attention f:1x2x3x4 f:1x2x3x4 f:1x2x3x4 is_causal=1
Attention f:1x3x8 f:1x5x4 f:1x5x4 =b:3x5 q_num_heads=4 kv_num_heads=2 softcap=2.0
Attention f:1x2x3x4 f:1x2x3x4 f:1x2x3x4 _ f:1x2x2x4 f:1x2x2x4 ->4
MaxPool f:1x2x5x5 kernel_shape=[3,3] strides=[2,2] ceil_mode=1
MaxPool f:1x2x5 kernel_shape=[2] ->2
MaxPool u8:1x1x4x4 kernel_shape=[2,2] dilations=[2,2]
AveragePool f:1x2x5x5 kernel_shape=[2,2] strides=[2,2] pads=[1,1,1,1]
AveragePool f:1x2x5x5x3 kernel_shape=[2,2,2] ceil_mode=1 strides=[2,2,2] count_include_pad=1
GlobalAveragePool f:1x2x3x3
GlobalMaxPool f:1x2x3
BatchNormalization f:2x3x4 =f:3 =f:3 =f:3 =f:3
BatchNormalization f:2x3x4 =f:3 =f:3 =f:3 =f:3 training_mode=1 ->3
InstanceNormalization f:2x3x4x2 =f:3 =f:3
GroupNormalization f:1x4x3 =f:4 =f:4 num_groups=2
@18 GroupNormalization f:1x4x3 =f:2 =f:2 num_groups=2
LayerNormalization f:2x3x4 =f:4 =f:4
LayerNormalization f:2x3x4 =f:3x4 axis=1 ->3
@23 RMSNormalization f:2x4 =f:4
MeanVarianceNormalization f:2x3x2x2
LRN f:1x5x2x2 size=3 alpha=0.1
Softmax f:2x3x4 axis=1
@11 Softmax f:2x3x4
LogSoftmax f:2x3
Softmax d:2x3
Add f:1x2x3 f:3x2x1
Sub i64:2 =i64:2
Mul u8:2 u8:2
Div i32:2 =i32:
Pow f:3 #2.0
Pow i32:3 f:3
Mod i32:3 i32:3
Mod f:3 f:3 fmod=1
Max f:2 f:2 f:1
Min d:2 d:2
Sum f:2 f:2
Mean f:2 f:2 f:2
Greater f:2 f:2
GreaterOrEqual f:2 f:2
Less i64:2 i64:2
LessOrEqual f:2 f:2
Equal b:2 b:2
And b:2 b:2
Or b:2 b:2
Xor b:2 b:2
Not b:2
Where b:2 f:2x2 #1.0
IsNaN f:2
IsInf f:2 detect_negative=0
Abs i8:3
Neg i64:3
Sign f:3
Reciprocal f:3
Floor f:3
Ceil f:3
Round f:3
Sqrt f:3
Exp f:3
Log f:3
Erf f:3
Tanh f:3
Sigmoid f:3
Relu i32:3
Clip f:3 #-1.0 #1.0
@6 Clip f:3 max=2.0
Gelu f:3 approximate=tanh
PRelu f:1x2x3 =f:2x1
Softplus f:3
Softsign f:3
Mish f:3
Elu f:3
Celu f:3 alpha=2.0
Selu f:3
LeakyRelu f:3
ThresholdedRelu f:3
HardSigmoid f:3
HardSwish d:3
@24 Swish f:3
Shrink f:3
ReduceSum f:2x3x4 [0,2] keepdims=0
ReduceMean f:2x3x4 [1]
ReduceMax b:2x3
ReduceMin i64:2x0 [1]
ReduceProd f:2x3
ReduceSumSquare f:2x3
ReduceL1 f:2x3
ReduceL2 i32:2x3
ReduceLogSum f:2x3
ReduceLogSumExp f:2x3 keepdims=0
CumSum f:2x3 #1 reverse=1 exclusive=1
ArgMax f:2x3 axis=1 select_last_index=1
ArgMin u8:2x3 keepdims=0
TopK f:2x5 [3] largest=0 ->2
Identity f:2
Dropout f:2 ->2
Reshape f:2x6 [3,-1,2]
Flatten f:2x3x4 axis=2
Squeeze f:1x2x1 [0]
Unsqueeze f:2x3 [0,-1]
Transpose f:2x3x4 perm=[1,2,0]
Concat f:2x3 f:2x1 axis=1
Split f:5x2 [2,3] ->2
Split f:5x2 num_outputs=2 ->2
Slice f:5x4 [3,-1] [0,-5] [0,1] [-1,-2]
@9 Slice f:5x4 starts=[1] ends=[3] axes=[1]
Gather f:3x4 [0,-1] axis=1
Gather f:3x4 i64:2x2
GatherElements f:3x4 i64:2x4
GatherND f:2x3x4 i64:2x1 batch_dims=1
Expand f:3x1 [2,1,4]
Tile f:2x3 [2,1]
DepthToSpace f:1x8x2x3 blocksize=2 mode=CRD
SpaceToDepth f:1x2x4x6 blocksize=2
Pad f:2x3 [1,-1,0,2] #0.5
Pad i32:2x3 [1,1,1,1] _ _ mode=reflect
Pad f:2x3 [2,3] _ [-1] mode=wrap
Resize f:1x1x3x3 _ {1.0,1.0,2.0,1.5} mode=linear
Resize f:1x1x4x4 _ _ [1,1,3,3] mode=cubic antialias=1 coordinate_transformation_mode=align_corners
Resize f:1x1x4x4 {0.0,0.0,0.1,0.2,1.0,1.0,0.9,1.2} _ [1,1,3,3] coordinate_transformation_mode=tf_crop_and_resize
Upsample f:1x1x2x2 {1.0,1.0,2.0,2.0}
Cast f:3 to=3
CastLike f:3 i64:1
Constant value_ints=[1,2]
Constant value_float=1.5
ConstantOfShape [2,3]
Shape f:2x3x4 start=-2
Size f:2x3
Range #1 #9 #2
OneHot i64:3 #4 {0.0,1.0} axis=0
QuantizeLinear f:2x3 #0.5 =u8:
QuantizeLinear f:2x4 =f:2x2 =i8:2x2 axis=1 block_size=2
DequantizeLinear i8:2x3 {0.5,0.25,1.0} =i8:3
DequantizeLinear =i8:2x3 {0.5,0.25} axis=0
DynamicQuantizeLinear f:6 ->3
QLinearConv u8:1x1x4x4 #0.5 =u8: =u8:2x1x2x2 {0.5,0.25} =u8:2 #0.5 =u8: =i32:2
QLinearMatMul i8:2x3 #0.5 =i8: i8:3x2 #0.25 =i8: #1.5 =i8:
ConvInteger u8:1x2x4x4 u8:3x2x2x2 =u8: =u8:3
MatMulInteger u8:2x3 i8:3x2 =u8: =i8:
`), "\n")

func TestEveryOperatorHasAModel(t *testing.T) {
	seen := map[string]bool{}
	for _, line := range operators {
		n := written(line)
		seen[n.Graph.Nodes[0].Op] = true
		m, err := onnx.Import(n.Bytes(), onnx.Options{})
		if err == nil {
			err = runSmall(m)
		}
		if err != nil {
			t.Errorf("%s: %v", line, err)
		}
	}
	for _, name := range onnx.Supported() {
		if !seen[name] {
			t.Errorf("no line for %s", name)
		}
	}
	if names := onnx.Supported(); !slices.IsSorted(names) || len(names) != len(seen) {
		t.Errorf("%d operators are listed, %d have a model", len(names), len(seen))
	}
}

// tryImport imports and runs what may be damaged: there is one error of one
// line, or a network that runs.
func tryImport(t *testing.T, data []byte) {
	t.Helper()
	n, err := onnx.Import(data, onnx.Options{})
	if err != nil {
		checkLine(t, err)
		return
	}
	if err := runSmall(n); err != nil {
		checkLine(t, err)
	}
}

func checkLine(t *testing.T, err error) {
	t.Helper()
	if text := err.Error(); len(text) > 2000 || strings.ContainsAny(text, "\n\x1b\x00") {
		t.Fatalf("the error is %q", text)
	}
}

func FuzzImport(f *testing.F) {
	for _, line := range operators {
		f.Add(written(line).Bytes())
	}
	f.Fuzz(tryImport)
}

// Models near the right ones: other operators, numbers, types and inputs.
func TestAlteredModels(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 5_000 {
		words := strings.Fields(operators[random.IntN(len(operators))])
		for range 1 + random.IntN(3) {
			words = altered(random, words)
		}
		line := strings.Join(words, " ")
		if !t.Run("", func(t *testing.T) { tryImport(t, written(line).Bytes()) }) {
			t.Log(line)
		}
	}
}

var (
	digits       = regexp.MustCompile(`-?\d+`)
	elementTypes = regexp.MustCompile(`\b[fdbiu]\d*:`)
)

// altered returns the words of a model with one thing changed.
func altered(random *rand.Rand, words []string) []string {
	words = slices.Clone(words)
	one := func(list ...string) string { return list[random.IntN(len(list))] }
	other := strings.Fields(one(operators...))
	first := operatorAt(words)
	if len(words) == first+1 || random.IntN(8) == 0 {
		words[first] = other[operatorAt(other)]
		return words
	}
	at := first + 1 + random.IntN(len(words)-first-1)
	w := words[at]
	operand := !strings.Contains(w[1:], "=")
	switch random.IntN(7) {
	case 0:
		return slices.Delete(words, at, at+1)
	case 1:
		return slices.Insert(words, at, one("f:2x3", "=f:3", "i64:2", "_", "[0]", "[1,-1]", "#0.5", "{1.0,2.0}", "axis=1", "axis=-1", "->2", "->3"))
	case 2:
		if behind := other[operatorAt(other)+1:]; len(behind) > 0 {
			words[at] = one(behind...)
		}
	case 3:
		words[at] = elementTypes.ReplaceAllString(w, one("f:", "d:", "b:", "i8:", "u8:", "i16:", "i32:", "i64:", "u64:"))
	case 4:
		if constant, ok := strings.CutPrefix(w, "="); ok {
			words[at] = constant
		} else if operand && strings.Contains(w, ":") {
			words[at] = "=" + w
		}
	case 5:
		if operand && strings.Contains(w, ":") {
			words[at] += one("x1", "x2", "x0")
		}
	default:
		words[at] = withNumber(random, w, operand && strings.Contains(w, ":"))
	}
	return words
}

func operatorAt(words []string) int {
	if words[0][0] == '@' {
		return 1
	}
	return 0
}

// withNumber returns a word with one whole number replaced; lengths stay small.
func withNumber(random *rand.Rand, w string, isShape bool) string {
	list := []string{"0", "1", "2", "3", "5", "9", "-1", "-2", "4096", "2147483647", "-9223372036854775808", "9223372036854775807"}
	if isShape {
		list = list[:6]
	}
	from := strings.LastIndexAny(w, ":=#[") + 1
	places := digits.FindAllStringIndex(w[from:], -1)
	if from == 0 || len(places) == 0 || strings.Contains(w, ".") {
		return w
	}
	p := places[random.IntN(len(places))]
	return w[:from+p[0]] + list[random.IntN(len(list))] + w[from+p[1]:]
}

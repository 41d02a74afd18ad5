package onnx_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"megl-edge/runtime/onnx/proto"
	"megl-edge/runtime/tensor"
)

// Operators on a value f:2x4x3x5, which after a convolution has its channels
// last in memory; no result may show that.
var onImages = strings.Split(strings.TrimSpace(`
Gather f:2x4x3x5 [3,0] axis=1
Gather f:2x4x3x5 [1,1,-3] axis=2
Gather f:2x4x3x5 =i64:2x3 axis=-1
Gather f:2x4x3x5 #2 axis=1
Gather f:2x4x3x5 [4] axis=3
GatherElements f:2x4x3x5 =i64:2x1x3x5 axis=1
GatherND f:2x4x3x5 =i64:3x2
Slice f:2x4x3x5 [3] [0] [1] [-2]
Slice f:2x4x3x5 [1,1] [3,2] [3,2]
Split f:2x4x3x5 axis=1 ->2
Split f:2x4x3x5 [2,1] axis=2 ->2
Concat f:2x4x3x5 =f:2x1x3x5 axis=1
Concat f:2x4x3x5 f:2x4x3x1 axis=-1
Reshape f:2x4x3x5 [2,60]
Reshape f:2x4x3x5 [2,4,15]
Reshape f:2x4x3x5 [2,2,2,3,5]
Reshape f:2x4x3x5 [8,15]
Reshape f:2x4x3x5 [2,1,4,3,1,5]
Reshape f:2x4x3x5 [2,12,5]
Reshape f:2x4x3x5 [5,-1]
Flatten f:2x4x3x5
Flatten f:2x4x3x5 axis=2
Flatten f:2x4x3x5 axis=0
Unsqueeze f:2x4x3x5 [1,-1]
Transpose f:2x4x3x5
Transpose f:2x4x3x5 perm=[0,2,3,1]
Reshape f:2x4x3x5 [2,2,2,3,5] | Transpose $ perm=[0,2,1,3,4] | Reshape $ [2,4,3,5]
Reshape f:2x4x3x5 [2,4,15] | Transpose $ perm=[0,2,1]
Transpose f:2x4x3x5 perm=[1,0,3,2] | Transpose $ perm=[3,2,0,1] | Transpose $ perm=[0,2,1,3]
Transpose f:2x4x3x5 perm=[0,2,3,1] | Reshape $ [2,15,4] | Softmax $ axis=1
ReduceMean f:2x4x3x5 [2,3] keepdims=0
ReduceSum f:2x4x3x5 [1] keepdims=0 | Flatten $
ReduceMax f:2x4x3x5 [0,2]
ReduceMean f:2x4x3x5 [-1,-2] | Squeeze $ [2] | Squeeze $
ArgMax f:2x4x3x5 axis=1
ArgMin f:2x4x3x5 axis=3 keepdims=0
TopK f:2x4x3x5 [2] axis=1 ->2
CumSum f:2x4x3x5 #1
Softmax f:2x4x3x5 axis=1
Softmax f:2x4x3x5 axis=3
@11 Softmax f:2x4x3x5
LogSoftmax f:2x4x3x5 axis=2
LayerNormalization f:2x4x3x5 =f:5
LayerNormalization f:2x4x3x5 =f:3x5 axis=2
Add f:2x4x3x5 =f:5
Add f:2x4x3x5 =f:4x1x1
Mul f:2x4x3x5 f:2x4x3x5
Sub f:2x4x3x5 f:3x1
Max f:2x4x3x5 f:7x2x4x3x5
Where =b:4x1x1 f:2x4x3x5 #1.0
PRelu f:2x4x3x5 =f:4x1x1
MatMul f:2x4x3x5 =f:5x2
MatMul f:2x4x3x5 f:2x4x5x3
Einsum f:2x4x3x5 equation=nchw->wnc
Expand f:2x4x3x5 [3,1,1,1,1]
Tile f:2x4x3x5 [1,2,1,2]
Pad f:2x4x3x5 [0,1,0,-1,0,-1,2,0]
Pad f:2x4x3x5 [0,2,1,0,0,1,0,3] _ _ mode=reflect
Resize f:2x4x3x5 _ {1.0,1.0,2.0,2.0}
Resize f:2x4x3x5 _ _ [2,2,3,4] mode=linear
DepthToSpace f:2x4x3x5 blocksize=2
DepthToSpace f:2x4x3x5 blocksize=2 mode=CRD
MaxPool f:2x4x3x5 kernel_shape=[2,2] ->2
GlobalAveragePool f:2x4x3x5 | Flatten $
BatchNormalization f:2x4x3x5 =f:4 =f:4 =f:4 =f:4
InstanceNormalization f:2x4x3x5 =f:4 =f:4
GroupNormalization f:2x4x3x5 =f:4 =f:4 num_groups=2
LRN f:2x4x3x5 size=3
QuantizeLinear f:2x4x3x5 #0.5 =i8:
QuantizeLinear f:2x4x3x5 =f:4 =u8:4
QuantizeLinear f:2x4x3x5 #0.5 =u8: | MaxPool $ kernel_shape=[2,2] | Transpose $ | DequantizeLinear $ #0.5 =u8:
DynamicQuantizeLinear f:2x4x3x5 ->3
Shape f:2x4x3x5
Cast f:2x4x3x5 to=7
`), "\n")

// throughConvolution puts a convolution that changes nothing before every use of
// the first input.
func throughConvolution(line string) *network {
	n := written(line)
	eye := make([]float32, 16)
	for i := range 4 {
		eye[5*i] = 1
	}
	weights := n.constant(of(tensor.Shape{4, 4, 1, 1}, eye...))
	for i := range n.Graph.Nodes {
		for j, in := range n.Graph.Nodes[i].Inputs {
			if in == "x0" {
				n.Graph.Nodes[i].Inputs[j] = "image"
			}
		}
	}
	conv := proto.Node{Op: "Conv", Inputs: []string{"x0", weights}, Outputs: []string{"image"}}
	n.Graph.Nodes = slices.Insert(n.Graph.Nodes, 0, conv)
	return n
}

func TestChannelsLastDoNotShow(t *testing.T) {
	for _, line := range onImages {
		t.Run(line, func(t *testing.T) {
			n := written(line)
			var inputs []tensor.Tensor
			for _, in := range n.Graph.Inputs {
				var shape []int
				for _, d := range in.Type.Shape {
					shape = append(shape, int(d.Length))
				}
				inputs = append(inputs, ramp[float32](shape...))
			}
			want := n.results(t, inputs...)
			for i, got := range throughConvolution(line).results(t, inputs...) {
				if !got.Type.Equal(want[i].Type) {
					t.Errorf("result %d is %v, want %v", i, got.Type, want[i].Type)
				} else if !bytes.Equal(got.Data, want[i].Data) {
					t.Errorf("result %d is %v, want %v", i, elements(got), elements(want[i]))
				}
			}
		})
	}
}

// elements returns what a message shows of a tensor.
func elements(t tensor.Tensor) any {
	switch t.DType {
	case tensor.Float32:
		return tensor.Elements[float32](t)
	case tensor.Int64:
		return tensor.Elements[int64](t)
	}
	return t.Data
}

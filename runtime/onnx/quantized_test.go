package onnx_test

import (
	"math/rand/v2"
	"testing"

	"megl-edge/runtime/onnx/proto"
	"megl-edge/runtime/tensor"
)

// randomBytes has every byte, the extremes often.
func randomBytes[T uint8 | int8](random *rand.Rand, shape ...int) (tensor.Tensor, []T) {
	elements := make([]T, tensor.Shape(shape).Elements())
	for i := range elements {
		elements[i] = T(random.IntN(256))
		if random.IntN(4) == 0 {
			elements[i] = T(0x7f + random.IntN(3)*0x40) // 127, −65 or 191, −1 or 255
		}
	}
	return of(shape, elements...), elements
}

// The sums are exact however long they are: float32 holds them up to 4112
// products, see exactProducts.
func TestMatMulInteger(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	for _, k := range []int{1, 7, 4112, 4113, 9000} {
		const m, n = 3, 4
		a, as := randomBytes[uint8](random, m, k)
		b, bs := randomBytes[int8](random, k, n)
		za, zas := randomBytes[uint8](random, m)
		zb, zbs := randomBytes[int8](random, n)
		if k > 4000 { // the largest sums there are
			for i := range as {
				as[i] = 255
			}
			for i := range bs {
				bs[i] = -128
			}
			for i := range zas {
				zas[i] = 0
			}
			for i := range zbs {
				zbs[i] = 127
			}
		}
		want := make([]int32, m*n)
		for i := range m {
			for j := range n {
				for l := range k {
					want[i*n+j] += (int32(as[i*k+l]) - int32(zas[i])) * (int32(bs[l*n+j]) - int32(zbs[j]))
				}
			}
		}
		for _, dynamic := range []bool{false, true} {
			net := newNetwork(17)
			inputs := []string{net.input(proto.UInt8, m, k), "", net.constant(za), net.constant(zb)}
			fed := []tensor.Tensor{a}
			if dynamic {
				inputs[1] = net.input(proto.Int8, k, n)
				fed = append(fed, b)
			} else {
				inputs[1] = net.constant(b)
			}
			net.returns(net.apply("MatMulInteger", inputs))
			checkEqual(t, net.results(t, fed...)[0], of(tensor.Shape{m, n}, want...))
		}
	}
}

func TestConvInteger(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	s := sliding{
		x: tensor.Shape{2, 4, 6, 5}, filter: tensor.Shape{6, 2, 3, 2}, out: []int{3, 4},
		strides: []int{2, 1}, dilations: []int{1, 1}, pads: []int{1, 0}, groups: 2,
	}
	x, xs := randomBytes[uint8](random, s.x...)
	w, ws := randomBytes[uint8](random, s.filter...)
	zero, zeros := randomBytes[uint8](random, 6) // one for each filter
	want := make([]int32, 2*6*3*4)
	perFilter := s.filter[1:].Elements()
	// What lies outside the image is the zero point, and so adds nothing.
	s.each(func(y, x, w int) { want[y] += (int32(xs[x]) - 77) * (int32(ws[w]) - int32(zeros[w/perFilter])) })
	for _, dynamic := range []bool{false, true} {
		n := newNetwork(17)
		inputs := []string{n.input(proto.UInt8, s.x...), "", n.constant(tensor.Scalar[uint8](77)), n.constant(zero)}
		fed := []tensor.Tensor{x}
		if dynamic {
			inputs[1] = n.input(proto.UInt8, s.filter...)
			fed = append(fed, w)
		} else {
			inputs[1] = n.constant(w)
		}
		n.returns(n.apply("ConvInteger", inputs, number("group", 2), numbers("strides", 2, 1), numbers("pads", 1, 0, 0, 0)))
		checkEqual(t, n.results(t, fed...)[0], of(tensor.Shape{2, 6, 3, 4}, want...))
	}
}

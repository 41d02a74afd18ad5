package gradcam

import (
	"math"

	"megl-edge/runtime/graph"
)

// squarings is how often the Gram matrix is squared: 2⁸ steps of power iteration
// leave less than 10⁻² of a second component that is 1 % weaker.
const squarings = 8

// tiny is the least length that a vector or a matrix is divided by.
const tiny = 1e-30

// eigenCAM: B·v, with B [positions × channels] the target layer less its channels'
// means and v the first right singular vector of B, its first principal component
// (Muhammad and Yeasin, "Eigen-CAM", IJCNN 2020, who do not centre: then the mean
// is most of the component, and the map is pale all over).
//
// The power iteration starts at the sums s of the layer's squares at every
// position: v = (BᵀB)ᵖ·Bᵀ·s = Bᵀ·(BBᵀ)ᵖ·s, whichever matrix is smaller, made long
// 1. That start also fixes the sign, which the decomposition leaves open:
// sᵀ·B·v = sᵀ·(BBᵀ)ᵖ⁺¹·s is not below 0, so that positions count positive where the
// layer is more active. Plain sums would not tell that of a layer without ReLU.
func (h *head) eigenCAM() graph.ID {
	a := h.flat(h.activation())
	mean := h.Apply(graph.OpReduceMean, "", graph.Reduce{Axes: []int{1}, KeepDims: true}, a)
	centred := h.Sub(a, mean)
	v := h.Apply(graph.OpReduceSum, "", graph.Reduce{Axes: []int{2}, KeepDims: true}, h.Mul(a, a))
	transposed := graph.MatMul{TransposeA: true}
	if h.shape[3] < h.shape[1]*h.shape[2] {
		gram := h.Apply(graph.OpMatMul, "gram", transposed, centred, centred)
		v = h.product(h.raised(gram), h.Apply(graph.OpMatMul, "", transposed, centred, v))
	} else {
		gram := h.Apply(graph.OpMatMul, "gram", graph.MatMul{TransposeB: true}, centred, centred)
		v = h.Apply(graph.OpMatMul, "", transposed, centred, h.product(h.raised(gram), v))
	}
	return h.product(centred, h.unit("first_component", v))
}

func (h *head) product(x, y graph.ID) graph.ID {
	return h.Apply(graph.OpMatMul, "", graph.MatMul{}, x, y)
}

// raised returns the 2⁸th power of a square matrix, up to a factor.
func (h *head) raised(matrix graph.ID) graph.ID {
	for range squarings {
		matrix = h.unit("", matrix)
		matrix = h.product(matrix, matrix)
	}
	return h.unit("", matrix)
}

// unit returns x divided by the root of the sum of its squares, [N × m × n]; 0
// stays 0.
func (h *head) unit(name string, x graph.ID) graph.ID {
	all := graph.Reduce{Axes: []int{1, 2}, KeepDims: true}
	length := h.Apply(graph.OpSqrt, "", nil, h.Apply(graph.OpReduceSum, "", all, h.Mul(x, x)))
	atLeast := graph.Clamp{Min: tiny, Max: float32(math.Inf(1))}
	return h.Apply(graph.OpDiv, name, nil, x, h.Apply(graph.OpClamp, "", atLeast, length))
}

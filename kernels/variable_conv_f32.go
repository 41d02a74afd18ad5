package kernels

// VariableConvF32 is a float32 convolution whose filter is only known at run
// time, as in training: every run packs it first, into memory that convolutions
// which run one after the other share. Results are those of [ConvF32].
type VariableConvF32 struct {
	shape ConvShape
	// forward tells that the operator is the gradient of a convolution with
	// respect to its image, and the filter in the layout of that convolution.
	forward bool
}

// NewVariableConvF32 returns the convolution of the given shape.
func NewVariableConvF32(shape ConvShape) *VariableConvF32 {
	return &VariableConvF32{shape: shape}
}

// NewVariableConvInputGradF32 returns the gradient of a convolution with respect
// to its image; for shape and filter see [NewConvInputGradF32].
func NewVariableConvInputGradF32(shape ConvShape) *VariableConvF32 {
	shape.Transposed = true
	return &VariableConvF32{shape: shape, forward: true}
}

// Workspace returns the number of values that the packed filter and bias take.
func (v *VariableConvF32) Workspace() int {
	weights, bias := packedF32(&v.shape)
	return weights + bias
}

// Bind returns the two tasks that compute y from x, w and bias (nil for zeros),
// to run one after the other. memory has room for Workspace values.
func (v *VariableConvF32) Bind(y, x, w, bias, memory []float32, epilogue EpilogueF32, threads int) (pack, compute Task) {
	c := newConvF32(v.shape, memory)
	compute = c.Bind(y, x, epilogue, threads)
	if c.depthwise != nil {
		return Func(func() { c.fillDepthwise(w, bias) }), compute
	}
	fill := c.fillPanel
	if v.forward {
		fill = c.fillPanelFromForward
	}
	pack = Rows(v.shape.Groups*c.panels, 1, func(first, last int) {
		for panel := first; panel < last; panel++ {
			fill(panel, w)
			c.fillBias(panel, bias)
		}
	})
	return pack, compute
}

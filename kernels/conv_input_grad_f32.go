package kernels

// NewConvInputGradF32 prepares the gradient of a convolution with respect to its
// image: a convolution whose rows read dy where the forward pass wrote it.
//
// shape is that of the gradient (Transposed, Channels and Filters swapped);
// w is the forward filter, [shape.Channels, KernelHeight, KernelWidth,
// shape.Filters/Groups].
func NewConvInputGradF32(shape ConvShape, w []float32) *ConvF32 {
	shape.Transposed = true
	taps := shape.KernelHeight * shape.KernelWidth
	in, out := shape.Channels/shape.Groups, shape.Filters/shape.Groups
	swapped := make([]float32, len(w))
	for group := range shape.Groups {
		for o := range out {
			for tap := range taps {
				for i := range in {
					swapped[((group*out+o)*taps+tap)*in+i] = w[((group*in+i)*taps+tap)*out+o]
				}
			}
		}
	}
	return NewConvF32(shape, swapped, nil)
}

package microbench

import (
	"megl-edge/kernels"
	"megl-edge/kernels/asm"
)

// pointwise places a matrix product with packed weights, as networks have it.
func pointwise(rows, depth, columns int) kernels.ConvShape {
	return kernels.ConvShape{
		Batch: 1, Height: rows, Width: 1, Channels: depth, OutHeight: rows, OutWidth: 1, Filters: columns,
		KernelHeight: 1, KernelWidth: 1, Stride: [2]int{1, 1}, Dilation: [2]int{1, 1}, Groups: 1,
	}
}

// square places a 3×3 convolution with padding on an image of size × size.
func square(size, channels, filters, stride, groups int) kernels.ConvShape {
	return kernels.ConvShape{
		Batch: 1, Height: size, Width: size, Channels: channels, OutHeight: size / stride, OutWidth: size / stride, Filters: filters,
		KernelHeight: 3, KernelWidth: 3, Stride: [2]int{stride, stride}, Dilation: [2]int{1, 1}, PadTop: 1, PadLeft: 1, Groups: groups,
	}
}

func convInt8(s kernels.ConvShape, threads int) kernels.Task {
	w := int8s(s.Filters*s.KernelHeight*s.KernelWidth*s.Channels/s.Groups, 127)
	conv := kernels.NewConvS8(s, w, 0, make([]int32, s.Filters), repeated(s.Filters, float32(1e-4)), 0, asm.OutputS8{Min: -128, Max: 127}, false)
	x := int8s(s.Batch*s.Height*s.Width*s.Channels, 127)
	return conv.Bind(make([]int8, s.Batch*s.OutHeight*s.OutWidth*s.Filters), x, nil, threads)
}

func convFloat32(s kernels.ConvShape, threads int) kernels.Task {
	w := float32s(s.Filters * s.KernelHeight * s.KernelWidth * s.Channels / s.Groups)
	conv := kernels.NewConvF32(s, w, make([]float32, s.Filters))
	x := float32s(s.Batch * s.Height * s.Width * s.Channels)
	return conv.Bind(make([]float32, s.Batch*s.OutHeight*s.OutWidth*s.Filters), x, kernels.EpilogueF32{}, threads)
}

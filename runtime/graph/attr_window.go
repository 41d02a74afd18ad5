package graph

import (
	"encoding/json"
	"fmt"
)

// HW is a pair of lengths in pixels: height, width.
type HW [2]int

// UnmarshalJSON reads exactly two numbers.
func (a *HW) UnmarshalJSON(data []byte) error { return unmarshalExactly(data, a[:]) }

// Sides is a length in pixels for each side: top, left, bottom, right.
type Sides [4]int

// UnmarshalJSON reads exactly four numbers.
func (a *Sides) UnmarshalJSON(data []byte) error { return unmarshalExactly(data, a[:]) }

// unmarshalExactly fills to: encoding/json would ignore a wrong length.
func unmarshalExactly(data []byte, to []int) error {
	var numbers []int
	if err := json.Unmarshal(data, &numbers); err != nil {
		return err
	}
	if len(numbers) != len(to) {
		return fmt.Errorf("%d numbers, want %d", len(numbers), len(to))
	}
	copy(to, numbers)
	return nil
}

// Conv places a filter on an image.
type Conv struct {
	Stride   HW    `json:"stride"`
	Dilation HW    `json:"dilation"`
	Pad      Sides `json:"pad"`
	Groups   int   `json:"groups"`
}

func (a Conv) check() error {
	if a.Groups < 1 {
		return fmt.Errorf("groups is %d, want at least 1", a.Groups)
	}
	return checkWindow(a.Stride, a.Dilation, a.Pad)
}

// largestStep bounds strides, dilations, kernels and paddings, so that
// positions cannot overflow. No real network comes near it.
const largestStep = 1 << 12

func checkWindow(stride, dilation HW, pad Sides) error {
	for i := range 2 {
		if stride[i] < 1 || dilation[i] < 1 || stride[i] > largestStep || dilation[i] > largestStep {
			return fmt.Errorf("stride %v and dilation %v must lie between 1 and %d", stride, dilation, largestStep)
		}
	}
	for _, p := range pad {
		if p < 0 || p > largestStep {
			return fmt.Errorf("padding %v must lie between 0 and %d", pad, largestStep)
		}
	}
	return nil
}

// ConvInputGrad is a convolution's attributes and the size of its input.
type ConvInputGrad struct {
	Conv
	Height int `json:"height"`
	Width  int `json:"width"`
}

func (a ConvInputGrad) check() error {
	if a.Height < 1 || a.Width < 1 {
		return fmt.Errorf("input size is %d×%d, want at least 1×1", a.Height, a.Width)
	}
	return a.Conv.check()
}

// ConvFilterGrad is a convolution's attributes and the size of its filter.
type ConvFilterGrad struct {
	Conv
	Kernel HW `json:"kernel"`
}

func (a ConvFilterGrad) check() error {
	for _, k := range a.Kernel {
		if k < 1 || k > largestStep {
			return fmt.Errorf("kernel %v: want 1 to %d pixels", a.Kernel, largestStep)
		}
	}
	return a.Conv.check()
}

// Pool is a pooling window. An average divides by the pixels of the window that
// lie in the image, or by the whole window if CountPadding is set.
type Pool struct {
	Kernel       HW    `json:"kernel"`
	Stride       HW    `json:"stride"`
	Pad          Sides `json:"pad"`
	CountPadding bool  `json:"count_padding,omitempty"`
}

func (a Pool) check() error {
	for i := range 2 {
		k := a.Kernel[i]
		if k < 1 || k > largestStep || a.Pad[i] >= k || a.Pad[i+2] >= k {
			return fmt.Errorf("kernel %v with padding %v: want 1 to %d pixels and less padding than that", a.Kernel, a.Pad, largestStep)
		}
	}
	return checkWindow(a.Stride, HW{1, 1}, a.Pad)
}

package vision_test

import (
	"bytes"
	"fmt"
	"image"
	"image/png"

	"megl-edge/runtime/vision"
)

func Example() {
	var file bytes.Buffer
	if err := png.Encode(&file, image.NewGray(image.Rect(0, 0, 640, 480))); err != nil {
		fmt.Println(err)
	}
	photo, err := vision.Decode(&file, vision.DefaultLimits)
	if err != nil {
		fmt.Println(err)
		return
	}
	p := vision.Preprocess{Width: 224, Height: 224, Mode: vision.CropStretch, Crop: 0.875,
		Filter: vision.Bilinear, Std: [3]float32{255, 255, 255}}
	input, err := p.Apply(photo)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(input.Width, input.Height, p.Region(photo.Width, photo.Height))
	// Output: 224 224 {40 30 600 450}
}

package gradcam_test

import (
	"fmt"
	"log"

	"megl-edge/gradcam"
	"megl-edge/runtime/graph"
	"megl-edge/runtime/model"
	"megl-edge/runtime/tensor"
	"megl-edge/runtime/vision"
)

// Explain what a model sees in a photo.
func Example() {
	e, err := gradcam.NewExplainer(colourModel(), gradcam.Options{}) // or of model.Load
	if err != nil {
		log.Fatal(err)
	}
	defer e.Close()
	x, err := e.Explain(redCorner(), gradcam.Automatic) // or what vision.Decode returns
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("class %d with %.2f\n%.0f\n", x.Class, x.Probabilities[x.Class], x.Map.Values)
	// Output:
	// class 0 with 0.82
	// [0 0 0 0 0 0 0 0 0 0 1 1 0 0 1 1]
}

// colourModel tells red from blue on 4×4 pixels.
func colourModel() *model.Model {
	weights := func(b *graph.Builder, values []float32, shape ...int) graph.ID {
		return b.Constant("w", tensor.Must(tensor.Of(shape, values)))
	}
	b := graph.NewBuilder()
	x := b.Input(model.ImageInput, tensor.Type{DType: tensor.UInt8, Shape: tensor.Shape{1, 4, 4, 3}})
	x = b.Apply(graph.OpNormalize, "", graph.Normalize{Mean: []float32{0, 0, 0}, Std: []float32{255, 255, 255}}, x)
	x = b.Apply(graph.OpConv, "", graph.Conv{Stride: graph.HW{1, 1}, Dilation: graph.HW{1, 1}, Groups: 1}, x,
		weights(b, []float32{1, 0, -1, -1, 0, 1}, 2, 1, 1, 3)) // red − blue, blue − red
	x = b.Apply(graph.OpClamp, "features", graph.ReLU, x)
	x = b.Apply(graph.OpReduceMean, "", graph.Reduce{Axes: []int{1, 2}}, x)
	b.Output("scores", b.Apply(graph.OpLinear, "", nil, x, weights(b, []float32{6, 0, 0, 6}, 2, 2)))
	g, err := b.Build()
	if err != nil {
		log.Fatal(err)
	}
	m := &model.Model{
		Labels:     []string{"red", "blue"},
		Preprocess: vision.Preprocess{Width: 4, Height: 4, Mode: vision.CropStretch, Crop: 1, Filter: vision.Bilinear, Std: [3]float32{255, 255, 255}},
	}
	if m.Graph, m.TargetLayer, err = gradcam.Attach(g, ""); err != nil {
		log.Fatal(err)
	}
	return m
}

// redCorner is black but for red pixels in a corner.
func redCorner() *vision.Image {
	photo := &vision.Image{Width: 4, Height: 4, Pix: make([]uint8, 4*4*3)}
	for _, pixel := range []int{10, 11, 14, 15} {
		photo.Pix[3*pixel] = 255
	}
	return photo
}

package train_test

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"log"
	"os"
	"path/filepath"

	"megl-edge/gradcam"
	"megl-edge/runtime/graph"
	"megl-edge/runtime/model"
	"megl-edge/runtime/tensor"
	"megl-edge/runtime/vision"
	"megl-edge/train"
	"megl-edge/train/data"
)

// Train three steps on three photos, which lie in a folder for each class.
func Example() {
	folder := threePhotos()
	defer os.RemoveAll(folder)
	rows, err := data.Load(folder, nil)
	must(err)
	network, err := train.Prepare(untrained(), train.Settings{Labels: rows.Labels()}) // or of model.Load
	must(err)
	options := train.DefaultOptions()
	options.Epochs, options.Batch, options.Augment = 3, 3, nil
	trainer, err := train.NewTrainer(context.Background(), network, rows, options, nil)
	must(err)
	defer trainer.Close()
	must(trainer.Run(context.Background(), train.Hooks{Step: func(p train.Progress) {
		fmt.Printf("step %d of %d: %d photos\n", p.Step, p.Steps, p.Photos)
	}}))
	trained, err := trainer.Model()
	must(err)
	fmt.Println(trained.Labels) // trained.Save writes the model file
	// Output:
	// step 1 of 3: 3 photos
	// step 2 of 3: 3 photos
	// step 3 of 3: 3 photos
	// [blue green red]
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// threePhotos draws one of each colour, in a folder of its name.
func threePhotos() string {
	folder, err := os.MkdirTemp("", "photos")
	must(err)
	for name, c := range map[string]color.RGBA{"red": {R: 255, A: 255}, "green": {G: 255, A: 255}, "blue": {B: 255, A: 255}} {
		photo := image.NewRGBA(image.Rect(0, 0, 8, 8))
		for i := range 64 {
			photo.SetRGBA(i%8, i/8, c)
		}
		must(os.Mkdir(filepath.Join(folder, name), 0o700))
		f, err := os.Create(filepath.Join(folder, name, "photo.png"))
		must(err)
		must(png.Encode(f, photo))
		must(f.Close())
	}
	return folder
}

// untrained is a network of one convolution and a head of two classes.
func untrained() *model.Model {
	var s source = 5
	b := graph.NewBuilder()
	x := b.Input(model.ImageInput, tensor.Type{DType: tensor.UInt8, Shape: tensor.Shape{1, 8, 8, 3}})
	x = b.Apply(graph.OpNormalize, "", graph.Normalize{Mean: []float32{0, 0, 0}, Std: []float32{255, 255, 255}}, x)
	x = b.Apply(graph.OpConv, "", square(1, 1, 1), x, s.weights(b, "filter", 0.5, 4, 3, 3, 3))
	x = b.Apply(graph.OpClamp, "features", graph.ReLU, x)
	x = b.Apply(graph.OpReduceMean, "", graph.Reduce{Axes: []int{1, 2}}, x)
	b.Output("scores", b.Apply(graph.OpLinear, "", nil, x, s.weights(b, "head", 0.5, 2, 4)))
	g, err := b.Build()
	must(err)
	m := &model.Model{
		Labels:     []string{"this", "that"},
		Preprocess: vision.Preprocess{Width: 8, Height: 8, Mode: vision.CropStretch, Crop: 1, Filter: vision.Bilinear, Std: [3]float32{255, 255, 255}},
	}
	m.Graph, m.TargetLayer, err = gradcam.Attach(g, "")
	must(err)
	return m
}

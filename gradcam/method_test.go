package gradcam_test

import (
	"math"
	"strings"
	"testing"

	"megl-edge/gradcam"
	"megl-edge/runtime/graph"
	"megl-edge/runtime/model"
	"megl-edge/runtime/tensor"
)

// layer is a target layer and the slope of a score at it, in float64: rows are
// positions, columns channels.
type layer struct{ activation, slope [][]float64 }

// formulas are the methods as their papers write them, in float64.
var formulas = map[gradcam.Method]func(layer) []float64{
	gradcam.GradCAM:         gradCAM,
	gradcam.LayerCAM:        layerCAM,
	gradcam.GradCAMPlusPlus: gradCAMPlusPlus,
	gradcam.EigenCAM:        eigenCAM,
}

func gradCAM(l layer) []float64 {
	weights := make([]float64, channels)
	for _, slopes := range l.slope {
		for k, g := range slopes {
			weights[k] += g / float64(len(l.slope))
		}
	}
	return combined(l.activation, weights)
}

func layerCAM(l layer) []float64 {
	heat := make([]float64, len(l.slope))
	for p, slopes := range l.slope {
		for k, g := range slopes {
			heat[p] += max(g, 0) * l.activation[p][k]
		}
		heat[p] = max(heat[p], 0)
	}
	return heat
}

func gradCAMPlusPlus(l layer) []float64 {
	weights := make([]float64, channels)
	for k := range weights {
		var total float64
		for _, row := range l.activation {
			total += row[k]
		}
		for _, slopes := range l.slope {
			if g := slopes[k]; g > 0 {
				weights[k] += g * g / (2*g*g + max(total, 0)*g*g*g) * g
			}
		}
	}
	return combined(l.activation, weights)
}

// eigenCAM finds the first component by more steps than it takes, from another
// start.
func eigenCAM(l layer) []float64 {
	n := float64(len(l.activation))
	var mean, v [channels]float64
	for k := range v {
		v[k] = 1 / float64(k+1)
		for _, row := range l.activation {
			mean[k] += row[k] / n
		}
	}
	project := func(row []float64) (sum float64) {
		for k := range row {
			sum += (row[k] - mean[k]) * v[k]
		}
		return sum
	}
	for range 20000 {
		var next [channels]float64
		var length float64
		for _, row := range l.activation {
			for k, s := 0, project(row); k < channels; k++ {
				next[k] += s * (row[k] - mean[k])
			}
		}
		for _, x := range next {
			length += x * x
		}
		for k := range v {
			v[k] = next[k] / math.Sqrt(length)
		}
	}
	heat, agreement := make([]float64, len(l.activation)), 0.
	for p, row := range l.activation {
		heat[p] = project(row)
		for _, a := range row {
			agreement += heat[p] * a * a
		}
	}
	for p := range heat {
		heat[p] = max(math.Copysign(1, agreement)*heat[p], 0)
	}
	return heat
}

// combined returns relu(Σ_k weight_k·A_k).
func combined(activation [][]float64, weights []float64) []float64 {
	heat := make([]float64, len(activation))
	for p, row := range activation {
		for k, a := range row {
			heat[p] += weights[k] * a
		}
		heat[p] = max(heat[p], 0)
	}
	return heat
}

// rowsOf returns float32 values of the fixture's layers as rows of channels.
func rowsOf(values []float32) [][]float64 {
	rows := make([][]float64, len(values)/channels)
	for i, v := range values {
		rows[i/channels] = append(rows[i/channels], float64(v))
	}
	return rows
}

// slopeAtLast returns the slope of a score at layer "last", the same at every
// position: the class's weights over the number of positions.
func slopeAtLast(class int32, positions int) [][]float64 {
	rows := make([][]float64, positions)
	for p := range rows {
		for _, w := range values(classes*channels, 5)[int(class)*channels:][:channels] {
			rows[p] = append(rows[p], float64(w)/float64(positions))
		}
	}
	return rows
}

// slopeBeforeReLU returns the slope before the ReLU whose result is last.
func slopeBeforeReLU(last [][]float64, class int32) [][]float64 {
	rows := slopeAtLast(class, len(last))
	for p := range rows {
		for k := range rows[p] {
			if last[p][k] <= 0 {
				rows[p][k] = 0
			}
		}
	}
	return rows
}

// slopeAtEarly returns the slope before the 3×3 convolution.
func slopeAtEarly(last [][]float64, class int32, height, width int) [][]float64 {
	behind, filter := slopeBeforeReLU(last, class), values(channels*9*channels, 3)
	rows := make([][]float64, height*width)
	for p := range rows {
		rows[p] = make([]float64, channels)
		for tap := range 9 {
			y, x := p/width+1-tap/3, p%width+1-tap%3
			if y < 0 || y >= height || x < 0 || x >= width {
				continue
			}
			for out, g := range behind[y*width+x] {
				for in := range channels {
					rows[p][in] += g * float64(filter[(out*9+tap)*channels+in])
				}
			}
		}
	}
	return rows
}

// reading returns the graph with the real values of a layer as an output.
func reading(t *testing.T, g *graph.Graph, names ...string) *graph.Graph {
	t.Helper()
	b := graph.Extend(g)
	for _, name := range names {
		id, ok := g.Find(name)
		if !ok {
			t.Fatalf("there is no layer %q", name)
		}
		b.Output(name, b.Real(id))
	}
	return build(t, b)
}

func pixelsOf(height, width int) []uint8 {
	pixels := make([]uint8, height*width*3)
	for i := range pixels {
		pixels[i] = uint8(i * i * 7)
	}
	return pixels
}

// Every method against its formula: at the end of the network, before its last
// ReLU, where values are negative too, and before a convolution; with fewer
// positions than channels, and more.
func TestMethodsFollowTheirFormulas(t *testing.T) {
	for _, size := range [][2]int{{5, 5}, {4, 7}, {2, 2}, {1, 4}} {
		height, width := size[0], size[1]
		for _, target := range []string{"last", "conv_2", "early"} {
			for _, method := range onImages() {
				g, _ := attachWith(t, classifierOf(t, height, width, true), target, method)
				g = reading(t, g, target, "last")
				for class := range int32(classes) {
					results := run(t, g, class, pixelsOf(height, width))
					last := rowsOf(tensor.Elements[float32](results["last"]))
					slope := map[string][][]float64{
						"last":   slopeAtLast(class, height*width),
						"conv_2": slopeBeforeReLU(last, class),
						"early":  slopeAtEarly(last, class, height, width),
					}[target]
					saliency := results[model.SaliencyOutput]
					if !saliency.Shape.Equal(tensor.Shape{1, height, width}) {
						t.Fatalf("%s: the map has shape %v", method, saliency.Shape)
					}
					t.Logf("%s of %s, %d×%d, class %d", method, target, height, width, class)
					want := formulas[method](layer{rowsOf(tensor.Elements[float32](results[target])), slope})
					checkMap(t, tensor.Elements[float32](saliency), normalise(want))
					checkRange(t, tensor.Elements[float32](saliency))
				}
			}
		}
	}
}

func checkRange(t *testing.T, heat []float32) {
	t.Helper()
	for i, v := range heat {
		if !(v >= 0 && v <= 1) {
			t.Errorf("cell %d is %v, not in [0,1]", i, v)
		}
	}
}

func TestMethodsOnInt8(t *testing.T) {
	for _, method := range onImages() {
		g, _ := attachWith(t, int8Classifier(t), "", method)
		g = reading(t, g, "last")
		for class := range int32(classes) {
			results := run(t, g, class, photo())
			slope := slopeAtLast(class, side*side)
			for p := range slope {
				for k, w := range values(classes*channels, 5)[int(class)*channels:][:channels] {
					slope[p][k] = float64(int8(w*127)) * float64(1./128+float32(class)/1024) / (side * side)
				}
			}
			t.Logf("%s, class %d", method, class)
			saliency := tensor.Elements[float32](results[model.SaliencyOutput])
			want := formulas[method](layer{rowsOf(tensor.Elements[float32](results["last"])), slope})
			checkMap(t, saliency, normalise(want))
			checkRange(t, saliency)
		}
	}
}

func TestOnlyEigenCAMKnowsNoClass(t *testing.T) {
	for _, method := range onImages() {
		g, _ := attachWith(t, floatClassifier(t, true), "early", method)
		one := string(run(t, g, 1, photo())[model.SaliencyOutput].Data)
		two := string(run(t, g, 2, photo())[model.SaliencyOutput].Data)
		if (one != two) != method.OfClass() || method.OfClass() != (method != gradcam.EigenCAM) {
			t.Errorf("%s: of a class: %v; two classes give maps that differ: %v", method, method.OfClass(), one != two)
		}
	}
}

// A layer that is the same everywhere has no component, and its map is empty
// rather than not a number.
func TestMapOfEvenLayerIsEmpty(t *testing.T) {
	for _, method := range onImages() {
		g, _ := attachWith(t, classifierOf(t, 3, 4, true), "early", method)
		grey := make([]uint8, 3*4*3)
		results := run(t, g, 0, grey)
		checkRange(t, tensor.Elements[float32](results[model.SaliencyOutput]))
		for i, v := range tensor.Elements[float32](results[model.SaliencyOutput]) {
			if method == gradcam.EigenCAM && v != 0 {
				t.Errorf("cell %d is %v", i, v)
			}
		}
	}
}

func TestUnknownMethod(t *testing.T) {
	const phrase = `no heat map method "cam"; there are: gradcam, layercam, gradcam++, eigencam`
	if _, _, err := gradcam.AttachWith(floatClassifier(t, true), "", "cam"); err == nil || !strings.Contains(err.Error(), phrase) {
		t.Errorf("got %v, want %q", err, phrase)
	}
	if gradcam.Method("cam").OfClass() {
		t.Error("an unknown method explains classes")
	}
}

package sdtg

import (
	"fmt"

	"megl-edge/runtime/tensor"
)

// scalesOf names the scales of the rows of an int8 matrix, float32 [rows].
func scalesOf(matrix string) string { return matrix + "/scales" }

// Int8 returns the weights of a decoder with its matrices rounded to int8. round
// returns the integers of a matrix [rows × columns], and a scale for each row.
func (s Shape) Int8(weights map[string]tensor.Tensor, round func(matrix []float32, rows int) (scales []float32, integers []int8)) map[string]tensor.Tensor {
	rounded := map[string]tensor.Tensor{}
	for _, p := range s.Parameters() {
		w := weights[p.Name]
		if !p.Matrix || w.DType != tensor.Float32 {
			rounded[p.Name] = w
			if scales, ok := weights[scalesOf(p.Name)]; ok {
				rounded[scalesOf(p.Name)] = scales
			}
			continue
		}
		scales, integers := round(tensor.Elements[float32](w), p.Shape[0])
		rounded[p.Name] = tensor.Must(tensor.Of(p.Shape, integers))
		rounded[scalesOf(p.Name)] = tensor.Must(tensor.Of(tensor.Shape{p.Shape[0]}, scales))
	}
	return rounded
}

// Float returns copies of the weights of a decoder, float32 all of them.
func (s Shape) Float(weights map[string]tensor.Tensor) (map[string]tensor.Tensor, error) {
	whole, err := s.checked(weights)
	if err != nil {
		return nil, err
	}
	float := map[string]tensor.Tensor{}
	for name, w := range whole {
		if w.DType == tensor.Float32 {
			float[name] = w.Clone()
			continue
		}
		matrix, rows := tensor.Zeros(tensor.Type{DType: tensor.Float32, Shape: w.Shape}), table{w}
		for i := range w.Shape[0] {
			copy(tensor.Elements[float32](matrix)[i*w.Shape[1]:], rows.row(i))
		}
		float[name] = matrix
	}
	return float, nil
}

// checked returns the weights, int8 ones with their scales, or what is wrong with
// them.
func (s Shape) checked(weights map[string]tensor.Tensor) (map[string]tensor.Tensor, error) {
	all := map[string]tensor.Tensor{}
	for _, p := range s.Parameters() {
		w, ok := weights[p.Name]
		if !ok || !w.Shape.Equal(p.Shape) || w.DType != tensor.Float32 && (w.DType != tensor.Int8 || !p.Matrix) {
			return nil, fmt.Errorf("weight %q: want %v of float32", p.Name, p.Shape)
		}
		if w.DType == tensor.Int8 {
			scales, ok := weights[scalesOf(p.Name)]
			if !ok || scales.DType != tensor.Float32 || !scales.Shape.Equal(p.Shape[:1]) {
				return nil, fmt.Errorf("weight %q: want %d scales of float32", p.Name, p.Shape[0])
			}
			for _, scale := range tensor.Elements[float32](scales) {
				if !(scale > 0) || scale-scale != 0 {
					return nil, fmt.Errorf("weight %q: a scale is %v, want a finite number above 0", p.Name, scale)
				}
			}
			w = w.WithQuant(&tensor.Quantization{Scale: tensor.Elements[float32](scales), ZeroPoint: make([]int32, p.Shape[0]), Axis: 0})
		}
		all[p.Name] = w
	}
	return all, nil
}

// table is vectors, one for each number.
type table struct{ tensor.Tensor }

// row returns a vector of the table.
func (t table) row(i int) []float32 {
	length := t.Shape[1]
	if t.DType == tensor.Float32 {
		return tensor.Elements[float32](t.Tensor)[i*length:][:length]
	}
	row := make([]float32, length)
	for j, q := range tensor.Elements[int8](t.Tensor)[i*length:][:length] {
		row[j] = float32(q) * t.Quant.Scale[i]
	}
	return row
}

package onnx

import (
	"fmt"
	"math"
	"slices"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

// resizeAxis is how one axis is resized.
type resizeAxis struct {
	axis     int // as ONNX counts
	from, to int
	scale    float64 // to/from, as the file says it
	roi      [2]float64
}

// resizing is the attributes of Resize.
type resizing struct {
	mode, coordinates, nearest string
	cubicA                     float64
	excludeOutside, antialias  bool
	extrapolation              float64
}

// convertResize: opsets 10, 11, 13, 18 and 19.
func convertResize(c *call) ([]value, error) {
	r, err := c.resizing()
	if err != nil {
		return nil, err
	}
	scalesAt, sizesAt := 2, 3
	if c.opset < 11 {
		scalesAt, sizesAt = 1, -1
	}
	x := c.number(c.in[0])
	shape := c.shape(x)
	axes, err := c.resizedAxes(len(shape))
	if err != nil {
		return nil, err
	}
	var plan []resizeAxis
	switch {
	case sizesAt > 0 && c.has(sizesAt):
		plan, err = c.resizeToSizes(shape, axes, sizesAt)
	case c.has(scalesAt):
		plan, err = c.resizeByScales(shape, axes, scalesAt)
	default:
		err = errAbsent
	}
	if err == nil && r.coordinates == "tf_crop_and_resize" {
		err = c.readRegion(plan, axes)
	}
	if err != nil {
		return nil, err
	}
	return single(c.resize(x, plan, r))
}

// convertUpsample is the older form: scales only, nearest or linear.
func convertUpsample(c *call) ([]value, error) {
	if err := c.require(1); err != nil {
		return nil, err
	}
	mode, err := c.string("mode", "nearest")
	if err != nil {
		return nil, err
	}
	x := c.number(c.in[0])
	shape := c.shape(x)
	axes, err := c.resizedAxes(len(shape))
	if err != nil {
		return nil, err
	}
	var plan []resizeAxis
	if c.has(1) {
		plan, err = c.resizeByScales(shape, axes, 1)
	} else {
		scales, floatErr := c.floats("scales")
		if floatErr != nil {
			return nil, floatErr
		}
		plan, err = planScales(shape, axes, scales)
	}
	if err != nil {
		return nil, err
	}
	return single(c.resize(x, plan, resizing{mode: mode, coordinates: "asymmetric", nearest: "floor"}))
}

func (c *call) resizing() (r resizing, err error) {
	if err := c.require(1); err != nil {
		return r, err
	}
	missing := "half_pixel"
	if c.opset < 11 {
		missing = "asymmetric"
	}
	for _, s := range []struct {
		to            *string
		name, missing string
	}{{&r.mode, "mode", "nearest"}, {&r.coordinates, "coordinate_transformation_mode", missing}, {&r.nearest, "nearest_mode", "round_prefer_floor"}} {
		if *s.to, err = c.string(s.name, s.missing); err != nil {
			return r, err
		}
	}
	if c.opset < 11 {
		r.nearest = "floor"
	}
	a, err := c.float("cubic_coeff_a", -0.75)
	if err != nil {
		return r, err
	}
	exclude, err := c.int("exclude_outside", 0)
	if err != nil {
		return r, err
	}
	antialias, err := c.int("antialias", 0)
	if err != nil {
		return r, err
	}
	extrapolation, err := c.float("extrapolation_value", 0)
	r.cubicA, r.excludeOutside, r.antialias, r.extrapolation = float64(a), exclude != 0, antialias != 0, float64(extrapolation)
	return r, err
}

func (c *call) resizedAxes(rank int) ([]int, error) {
	listed, err := c.ints("axes")
	if err != nil {
		return nil, err
	}
	var axes []int
	for i := range max(len(listed), rank) {
		axis := i
		if listed != nil {
			if i >= len(listed) {
				break
			}
			if axis, err = normalized(listed[i], rank); err != nil {
				return nil, err
			}
		}
		axes = append(axes, axis)
	}
	return axes, nil
}

func (c *call) resizeByScales(shape tensor.Shape, axes []int, input int) ([]resizeAxis, error) {
	scales, err := c.constantFloats(input)
	if err != nil {
		return nil, err
	}
	return planScales(shape, axes, scales)
}

func planScales(shape tensor.Shape, axes []int, scales []float32) ([]resizeAxis, error) {
	if len(scales) != len(axes) {
		return nil, fmt.Errorf("%d scales for %d axes", len(scales), len(axes))
	}
	plan := make([]resizeAxis, len(axes))
	for i, axis := range axes {
		to := math.Floor(float64(shape[axis]) * float64(scales[i]))
		if !(scales[i] > 0) || !(to < math.MaxInt32) {
			return nil, fmt.Errorf("scales %v cannot be", scales)
		}
		plan[i] = resizeAxis{axis: axis, from: shape[axis], to: int(to), scale: float64(scales[i])}
	}
	return plan, nil
}

// resizeToSizes reads sizes, which keep_aspect_ratio_policy may change.
func (c *call) resizeToSizes(shape tensor.Shape, axes []int, input int) ([]resizeAxis, error) {
	sizes, err := c.constantInts(input)
	if err != nil {
		return nil, err
	}
	policy, err := c.string("keep_aspect_ratio_policy", "stretch")
	if err != nil {
		return nil, err
	}
	if len(sizes) != len(axes) {
		return nil, fmt.Errorf("%d sizes for %d axes", len(sizes), len(axes))
	}
	plan := make([]resizeAxis, len(axes))
	least, greatest := math.Inf(1), 0.0
	for i, axis := range axes {
		if sizes[i] < 1 || sizes[i] > math.MaxInt32 || shape[axis] == 0 {
			return nil, fmt.Errorf("sizes %v of %v cannot be", sizes, shape)
		}
		scale := float64(sizes[i]) / float64(shape[axis])
		plan[i] = resizeAxis{axis: axis, from: shape[axis], to: int(sizes[i]), scale: scale}
		least, greatest = min(least, scale), max(greatest, scale)
	}
	if policy == "stretch" {
		return plan, nil
	}
	scale := least
	if policy == "not_smaller" {
		scale = greatest
	}
	for i := range plan {
		to := math.Floor(float64(scale*float64(plan[i].from)) + 0.5)
		if to >= math.MaxInt32 {
			return nil, fmt.Errorf("sizes %v of %v cannot be", sizes, shape)
		}
		plan[i].scale, plan[i].to = scale, int(to)
	}
	return plan, nil
}

// maxRegion is how far a region may reach, in lengths of the axis.
const maxRegion = 16

// readRegion reads the part of the input that is resized, in fractions.
func (c *call) readRegion(plan []resizeAxis, axes []int) error {
	roi, err := c.constantFloats(1)
	if err != nil {
		return err
	}
	if len(roi) != 2*len(axes) {
		return fmt.Errorf("a region of %d numbers for %d axes", len(roi), len(axes))
	}
	for _, v := range roi {
		if !(v >= -maxRegion && v <= maxRegion) {
			return fmt.Errorf("a region of %v", roi)
		}
	}
	for i := range plan {
		plan[i].roi = [2]float64{float64(roi[i]), float64(roi[i+len(axes)])}
	}
	return nil
}

// resize resizes one axis after the other: nearest neighbours are gathered, the
// other modes are products with a matrix of weights.
func (im *importer) resize(x value, plan []resizeAxis, r resizing) (value, error) {
	id := x.id
	whole := isReal(im.dtype(x))
	d := im.dtype(x)
	if !whole && r.mode != "nearest" {
		id = im.cast(id, tensor.Float32)
	}
	outside := map[int][]bool{}
	for _, a := range plan {
		same := a.from == a.to && a.scale == 1 && r.coordinates != "tf_crop_and_resize"
		if same {
			continue
		}
		at := im.axis(x, a.axis)
		im.reserve(a.to, 8+4)
		coordinates := make([]float64, a.to)
		for i := range coordinates {
			coordinates[i] = r.coordinate(i, a)
			if r.coordinates == "tf_crop_and_resize" && (coordinates[i] < 0 || coordinates[i] > float64(a.from-1)) {
				if outside[at] == nil {
					outside[at] = make([]bool, a.to)
				}
				outside[at][i] = true
			}
		}
		if r.mode == "nearest" {
			indices := make([]int32, a.to)
			for i, c := range coordinates {
				indices[i] = int32(min(max(r.nearestTo(c), 0), float64(a.from-1)))
			}
			id = im.gathered(id, at, indices)
			continue
		}
		im.reserve(a.to+2, a.from, 4)
		weights, err := r.weights(coordinates, a)
		if err != nil {
			return value{}, err
		}
		id = im.weighted(id, at, weights, a)
	}
	if !whole && r.mode != "nearest" {
		id = im.cast(id, d)
	}
	return value{id: im.extrapolated(id, outside, r.extrapolation), order: x.order}, nil
}

// coordinate is where result i lies in the input.
func (r *resizing) coordinate(i int, a resizeAxis) float64 {
	x, from, to := float64(i), float64(a.from), float64(a.to)
	switch r.coordinates {
	case "asymmetric":
		return x / a.scale
	case "align_corners":
		if a.to == 1 {
			return 0
		}
		return x * (from - 1) / (float64(from*a.scale) - 1)
	case "pytorch_half_pixel":
		if a.to == 1 {
			return -0.5
		}
	case "half_pixel_symmetric":
		adjustment := to / (from * a.scale)
		centre := from / 2
		return float64(centre*(1-adjustment)) + (x+0.5)/a.scale - 0.5
	case "tf_crop_and_resize":
		start, end := a.roi[0], a.roi[1]
		if a.to == 1 {
			return 0.5 * (start + end) * (from - 1)
		}
		return float64(start*(from-1)) + x*(end-start)*(from-1)/(to-1)
	}
	return (x+0.5)/a.scale - 0.5
}

func (r *resizing) nearestTo(c float64) float64 {
	switch r.nearest {
	case "floor":
		return math.Floor(c)
	case "ceil":
		return math.Ceil(c)
	case "round_prefer_ceil":
		return math.Floor(c + 0.5)
	}
	return math.Ceil(c - 0.5)
}

// weights returns the matrix [to × from] that resizes an axis.
func (r *resizing) weights(coordinates []float64, a resizeAxis) ([]float32, error) {
	reach, kernel := 1.0, func(d float64) float64 { return max(0, 1-math.Abs(d)) }
	switch r.mode {
	case "linear":
	case "cubic":
		reach, kernel = 2, r.cubic
	default:
		return nil, unsupported("resizing mode %s", quoted(r.mode))
	}
	stretch := 1.0
	if r.antialias && a.scale < 1 {
		stretch = a.scale
	}
	weights := make([]float32, a.to*a.from)
	row := make([]float64, a.from)
	for i, c := range coordinates {
		first, last := int(math.Ceil(c-reach/stretch)), int(math.Floor(c+reach/stretch))
		total := 0.0
		for j := first; j <= last; j++ {
			w := kernel((float64(j) - c) * stretch)
			inside := j >= 0 && j < a.from
			if r.excludeOutside && !inside {
				continue
			}
			row[min(max(j, 0), a.from-1)] += w
			total += w
		}
		for j := max(0, min(first, a.from-1)); j <= min(max(last, 0), a.from-1); j++ {
			w := row[j]
			if r.excludeOutside || stretch != 1 {
				w /= total
			}
			weights[i*a.from+j], row[j] = float32(w), 0
		}
	}
	return weights, nil
}

// cubic is the kernel of cubic convolution (Keys, 1981).
func (r *resizing) cubic(d float64) float64 {
	d, a := math.Abs(d), r.cubicA
	switch {
	case d <= 1:
		return float64((float64((a+2)*d)-(a+3))*d*d) + 1
	case d < 2:
		return float64((float64((float64(a*d)-float64(5*a))*d)+float64(8*a))*d) - float64(4*a)
	}
	return 0
}

// weighted is weights [to × from] times x along an axis of the node.
func (im *importer) weighted(x graph.ID, axis int, weights []float32, a resizeAxis) graph.ID {
	shape := im.Shape(x)
	if im.Err() != nil {
		return x
	}
	outer, inner := shape[:axis].Elements(), shape[axis+1:].Elements()
	w := im.Constant("resize_weights", tensor.Must(tensor.Of(tensor.Shape{1, a.to, a.from}, weights)))
	w = im.broadcast(im.cast(w, im.Type(x).DType), tensor.Shape{outer, a.to, a.from})
	y := im.apply(graph.OpMatMul, graph.MatMul{}, w, im.reshapedNode(x, tensor.Shape{outer, a.from, inner}))
	resized := shape.Clone()
	resized[axis] = a.to
	return im.reshapedNode(y, resized)
}

// extrapolated puts a value where results lie outside the input.
func (im *importer) extrapolated(x graph.ID, outside map[int][]bool, v float64) graph.ID {
	axes := []int{}
	for axis := range outside {
		axes = append(axes, axis)
	}
	slices.Sort(axes)
	for _, axis := range axes {
		shape := slices.Repeat(tensor.Shape{1}, len(im.Shape(x)))
		shape[axis] = len(outside[axis])
		mask := im.Constant("outside", tensor.Must(tensor.Of(shape, outside[axis])))
		x = im.choose(mask, im.like(x, v), x)
	}
	return x
}

// convertPad: the padding is an attribute before opset 11, then an input, and
// may be negative.
func convertPad(c *call) ([]value, error) {
	if err := c.require(1); err != nil {
		return nil, err
	}
	mode, err := c.string("mode", "constant")
	if err != nil {
		return nil, err
	}
	sides, given, err := c.settings(1, "pads")
	if err != nil || !given {
		return nil, orMissing(err)
	}
	v, err := c.padValue()
	if err != nil {
		return nil, err
	}
	x := c.number(c.in[0])
	axes, err := c.paddedAxes(len(c.shape(x)))
	if err != nil {
		return nil, err
	}
	if len(sides) != 2*len(axes) {
		return nil, fmt.Errorf("%d paddings for %d axes", len(sides), len(axes))
	}
	id := x.id
	for i, axis := range axes {
		before, after := sides[i], sides[i+len(axes)]
		n := int64(c.shape(x)[axis])
		if before < -n || after < -n || before > math.MaxInt32 || after > math.MaxInt32 || n+before+after < 0 {
			return nil, fmt.Errorf("padding %v of %v", sides, c.shape(x))
		}
		if id, err = c.padAxis(id, c.axis(x, axis), int(before), int(after), mode, v); err != nil {
			return nil, err
		}
	}
	return single(value{id: id, order: x.order}, nil)
}

// padValue returns what is padded with; None means zeros.
func (c *call) padValue() (graph.ID, error) {
	missing, err := c.float("value", 0)
	if err != nil {
		return 0, err
	}
	if c.has(2) {
		return c.reshapedNode(c.plain(c.in[2]), tensor.Shape{}), nil
	}
	if missing == 0 {
		return graph.None, nil
	}
	return c.like(c.in[0].id, float64(missing)), nil
}

func (c *call) paddedAxes(rank int) ([]int, error) {
	var axes []int
	if !c.has(3) {
		for axis := range rank {
			axes = append(axes, axis)
		}
		return axes, nil
	}
	listed, err := c.constantInts(3)
	if err != nil {
		return nil, err
	}
	for _, a := range listed {
		axis, err := normalized(a, rank)
		if err != nil {
			return nil, err
		}
		axes = append(axes, axis)
	}
	return axes, nil
}

// padAxis pads, or with negative numbers cuts, one axis of a node.
func (c *call) padAxis(x graph.ID, axis, before, after int, mode string, v graph.ID) (graph.ID, error) {
	n := c.Shape(x)[axis]
	if start := max(0, -before); start > 0 || after < 0 {
		x = c.strided(x, axis, start, 1, n-start-max(0, -after))
		n, before, after = c.Shape(x)[axis], max(0, before), max(0, after)
	}
	if before == 0 && after == 0 {
		return x, nil
	}
	var source func(i int) int
	switch mode {
	case "constant":
		return c.padConstant(x, axis, before, after, v), nil
	case "edge":
		source = func(i int) int { return min(max(i, 0), n-1) }
	case "reflect":
		period := max(1, 2*(n-1))
		source = func(i int) int {
			i = ((i % period) + period) % period
			return min(i, period-i)
		}
	case "wrap":
		source = func(i int) int { return ((i % n) + n) % n }
	default:
		return x, unsupported("padding mode %s", quoted(mode))
	}
	if n == 0 {
		return x, fmt.Errorf("padding of an empty axis")
	}
	if int64(n)+int64(before)+int64(after) > math.MaxInt32/4 {
		return x, fmt.Errorf("padding of %d and %d is too much", before, after)
	}
	c.reserve(before+n+after, 4)
	indices := make([]int32, before+n+after)
	for i := range indices {
		indices[i] = int32(min(source(i-before), n-1))
	}
	return c.gathered(x, axis, indices), nil
}

func (c *call) padConstant(x graph.ID, axis, before, after int, v graph.ID) graph.ID {
	at := graph.Pad{Before: make([]int, len(c.Shape(x))), After: make([]int, len(c.Shape(x)))}
	at.Before[axis], at.After[axis] = before, after
	if v != graph.None {
		known, ok := c.constantOf(value{id: v})
		if !ok || known.DType != tensor.Float32 || math.IsInf(float64(tensor.Elements[float32](known)[0]), 0) || tensor.Elements[float32](known)[0] != tensor.Elements[float32](known)[0] {
			return c.between(x, axis, before, after, v)
		}
		at.Value = tensor.Elements[float32](known)[0]
	}
	return c.apply(graph.OpPad, at, x)
}

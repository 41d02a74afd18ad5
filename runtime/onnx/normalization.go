package onnx

import (
	"fmt"
	"slices"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

// perChannel returns a value [c] so that it combines with x, stored with its
// channels last, or, for any rank, with axis 1.
func (im *importer) perChannel(v value) (graph.ID, error) {
	if shape := im.shape(v); len(shape) != 1 {
		return 0, fmt.Errorf("statistics of shape %v, want one for each channel", shape)
	}
	return im.plain(v), nil
}

// convertBatchNormalization: x [n × c × …], scale, offset, mean, variance [c].
func convertBatchNormalization(c *call) ([]value, error) {
	if err := c.require(5); err != nil {
		return nil, err
	}
	epsilon, err := c.float("epsilon", 1e-5)
	if err != nil {
		return nil, err
	}
	training, err := c.int("training_mode", 0)
	if err != nil {
		return nil, err
	}
	momentum, err := c.float("momentum", 0.9)
	if err != nil {
		return nil, err
	}
	spatial, err := c.int("spatial", 1)
	if err != nil {
		return nil, err
	}
	c.ignore("is_test")
	x := c.number(c.in[0])
	rank := len(c.shape(x))
	if spatial == 0 || rank < 2 {
		return nil, unsupported("BatchNormalization of single elements")
	}
	stored := c.arranged(x, channelsLast(rank))
	statistics := make([]graph.ID, 4)
	for i := range statistics {
		if statistics[i], err = c.perChannel(c.in[i+1]); err != nil {
			return nil, err
		}
	}
	if training != 0 {
		return c.trainedBatchNormalization(stored, rank, statistics, epsilon, momentum)
	}
	if c.dtype(x) != tensor.Float32 {
		return nil, unsupported("BatchNormalization of %v", c.dtype(x))
	}
	y := c.apply(graph.OpBatchNorm, graph.BatchNorm{Epsilon: epsilon}, append([]graph.ID{stored}, statistics...)...)
	return single(value{id: y, order: channelsLast(rank)}, nil)
}

// trainedBatchNormalization uses the statistics of the batch itself, and gives
// the running ones, too.
func (c *call) trainedBatchNormalization(x graph.ID, rank int, statistics []graph.ID, epsilon, momentum float32) ([]value, error) {
	axes := make([]int, rank-1)
	for i := range axes {
		axes[i] = i
	}
	scale, offset := statistics[0], statistics[1]
	mean := c.reduceStored(graph.OpReduceMean, x, axes)
	centred := c.sub(x, mean)
	variance := c.reduceStored(graph.OpReduceMean, c.mul(centred, centred), axes)
	y := c.add(c.mul(c.div(centred, c.deviation(variance, epsilon)), scale), offset)
	running := func(old, now graph.ID) value {
		now = c.reshapedNode(now, c.Shape(old))
		kept := c.mul(old, c.like(old, float64(momentum)))
		return value{id: c.add(kept, c.mul(now, c.like(now, 1-float64(momentum))))}
	}
	return []value{{id: y, order: channelsLast(rank)}, running(statistics[2], mean), running(statistics[3], variance)}, nil
}

// deviation is √(variance + ε).
func (im *importer) deviation(variance graph.ID, epsilon float32) graph.ID {
	return im.unary(graph.OpSqrt, im.add(variance, im.like(variance, float64(epsilon))))
}

// convertInstanceNormalization: over the spatial axes, for each image and
// channel.
func convertInstanceNormalization(c *call) ([]value, error) {
	if err := c.require(3); err != nil {
		return nil, err
	}
	epsilon, err := c.float("epsilon", 1e-5)
	if err != nil {
		return nil, err
	}
	c.ignore("consumed_inputs")
	x := c.number(c.in[0])
	rank := len(c.shape(x))
	scale, err := c.perChannel(c.in[1])
	if err != nil {
		return nil, err
	}
	offset, err := c.perChannel(c.in[2])
	if err != nil || rank < 3 {
		return nil, orMissing(err)
	}
	axes := make([]int, rank-2)
	for i := range axes {
		axes[i] = i + 1
	}
	stored := c.arranged(x, channelsLast(rank))
	y := c.add(c.mul(c.standardized(stored, axes, epsilon), scale), offset)
	return single(value{id: y, order: channelsLast(rank)}, nil)
}

// standardized is (x − mean)/√(variance + ε) over axes of the node.
func (im *importer) standardized(x graph.ID, axes []int, epsilon float32) graph.ID {
	centred := im.sub(x, im.reduceStored(graph.OpReduceMean, x, axes))
	variance := im.reduceStored(graph.OpReduceMean, im.mul(centred, centred), axes)
	return im.div(centred, im.deviation(variance, epsilon))
}

// convertGroupNormalization: over the spatial axes and the channels of a group.
func convertGroupNormalization(c *call) ([]value, error) {
	if err := c.require(3); err != nil {
		return nil, err
	}
	epsilon, err := c.float("epsilon", 1e-5)
	if err != nil {
		return nil, err
	}
	groups, err := c.int("num_groups", 0)
	if err != nil {
		return nil, err
	}
	c.ignore("stash_type") // always float32
	x := c.number(c.in[0])
	shape := c.shape(x)
	rank := len(shape)
	if rank < 2 || groups < 1 || int64(shape[1])%groups != 0 {
		return nil, fmt.Errorf("%d groups in %v", groups, shape)
	}
	g := int(groups)
	stored := c.arranged(x, channelsLast(rank))
	apart := append(c.Shape(stored)[:rank-1].Clone(), g, shape[1]/g)
	var axes []int
	for axis := 1; axis < rank+1; axis++ {
		if axis != rank-1 { // the groups
			axes = append(axes, axis)
		}
	}
	y := c.reshapedNode(c.standardized(c.reshapedNode(stored, apart), axes, epsilon), c.Shape(stored))
	for i, combine := range []func(a, b graph.ID) graph.ID{c.mul, c.add} {
		p, err := c.perChannel(c.in[i+1])
		if err != nil {
			return nil, err
		}
		if n := c.Shape(p)[0]; n != shape[1] { // before opset 21: one for each group
			if n != g {
				return nil, fmt.Errorf("%d scales for %d channels in %d groups", n, shape[1], g)
			}
			spread := c.broadcast(c.reshapedNode(p, tensor.Shape{g, 1}), tensor.Shape{g, shape[1] / g})
			p = c.reshapedNode(spread, tensor.Shape{shape[1]})
		}
		y = combine(y, p)
	}
	return single(value{id: y, order: channelsLast(rank)}, nil)
}

// normalizedAxes returns the axes from the attribute's on.
func (c *call) normalizedAxes(shape tensor.Shape) ([]int, error) {
	at, err := c.int("axis", -1)
	if err != nil {
		return nil, err
	}
	first, err := normalized(at, len(shape))
	if err != nil {
		return nil, err
	}
	var axes []int
	for axis := first; axis < len(shape); axis++ {
		axes = append(axes, axis)
	}
	return axes, nil
}

// convertLayerNormalization: over the last axes. Along one axis, with known
// scale, it is one op.
func convertLayerNormalization(c *call) ([]value, error) {
	if err := c.require(2); err != nil {
		return nil, err
	}
	epsilon, err := c.float("epsilon", 1e-5)
	if err != nil {
		return nil, err
	}
	c.ignore("stash_type")
	x := c.number(c.in[0])
	shape := c.shape(x)
	axes, err := c.normalizedAxes(shape)
	if err != nil {
		return nil, err
	}
	more := len(c.node.Outputs) > 1
	if len(axes) == 1 && !more && c.dtype(x) == tensor.Float32 {
		if y, ok := c.layerNorm(x, axes[0], epsilon); ok {
			return single(y, nil)
		}
	}
	id := c.plain(x)
	mean := c.reduceStored(graph.OpReduceMean, id, axes)
	centred := c.sub(id, mean)
	deviation := c.deviation(c.reduceStored(graph.OpReduceMean, c.mul(centred, centred), axes), epsilon)
	y := c.mul(c.div(centred, deviation), c.plain(c.in[1]))
	if c.has(2) {
		y = c.add(y, c.plain(c.in[2]))
	}
	return []value{{id: y}, {id: mean}, {id: c.div(c.like(deviation, 1), deviation)}}, nil
}

func (c *call) layerNorm(x value, axis int, epsilon float32) (value, bool) {
	id, order := c.lastAxes(x, []int{axis})
	inputs := []graph.ID{id}
	for i := 1; i < len(c.in) && c.has(i); i++ {
		p := c.plain(c.in[i])
		if !c.Shape(p).Equal(tensor.Shape{c.shape(x)[axis]}) {
			return value{}, false
		}
		inputs = append(inputs, p)
	}
	return ordered(c.apply(graph.OpLayerNorm, graph.LayerNorm{Epsilon: epsilon}, inputs...), order), true
}

// convertRMSNormalization: x/√(mean of x² + ε)·scale over the last axes.
func convertRMSNormalization(c *call) ([]value, error) {
	if err := c.require(2); err != nil {
		return nil, err
	}
	epsilon, err := c.float("epsilon", 1e-5)
	if err != nil {
		return nil, err
	}
	c.ignore("stash_type")
	x := c.plain(c.in[0])
	axes, err := c.normalizedAxes(c.Shape(x))
	if err != nil {
		return nil, err
	}
	squares := c.reduceStored(graph.OpReduceMean, c.mul(x, x), axes)
	y := c.mul(c.div(x, c.deviation(squares, epsilon)), c.plain(c.in[1]))
	return single(value{id: y}, nil)
}

// convertLRN: x/(bias + α/size·Σ x²)^β, the sum over neighbouring channels.
func convertLRN(c *call) ([]value, error) {
	if err := c.require(1); err != nil {
		return nil, err
	}
	size, err := c.int("size", 0)
	if err != nil {
		return nil, err
	}
	var p [3]float32
	for i, d := range []parameter{{"alpha", 1e-4}, {"beta", 0.75}, {"bias", 1}} {
		if p[i], err = c.float(d.name, d.missing); err != nil {
			return nil, err
		}
	}
	x := c.number(c.in[0])
	rank := len(c.shape(x))
	if rank < 2 || size < 1 || size > maxStep {
		return nil, fmt.Errorf("a window of %d channels over %v", size, c.shape(x))
	}
	id := c.arranged(x, channelsLast(rank))
	channels := c.shape(x)[1]
	before := (int(size) - 1) / 2
	pad := graph.Pad{Before: make([]int, rank), After: make([]int, rank)}
	pad.Before[rank-1], pad.After[rank-1] = before, int(size)-1-before
	squares := c.apply(graph.OpPad, pad, c.mul(id, id))
	sum := graph.None
	for i := range int(size) {
		part := c.strided(squares, rank-1, i, 1, channels)
		if sum == graph.None {
			sum = part
		} else {
			sum = c.add(sum, part)
		}
	}
	base := c.add(c.mul(sum, c.like(sum, float64(p[0])/float64(size))), c.like(sum, float64(p[2])))
	y := c.div(id, c.apply(graph.OpPow, nil, base, c.like(base, float64(p[1]))))
	return single(value{id: y, order: channelsLast(rank)}, nil)
}

// convertMeanVarianceNormalization: (x − mean)/deviation over the given axes.
func convertMeanVarianceNormalization(c *call) ([]value, error) {
	if err := c.require(1); err != nil {
		return nil, err
	}
	listed, err := c.ints("axes")
	if err != nil {
		return nil, err
	}
	if listed == nil {
		listed = []int64{0, 2, 3}
	}
	x := c.number(c.in[0])
	set, err := axisSet(listed, len(c.shape(x)))
	if err != nil {
		return nil, err
	}
	var axes []int
	for axis, in := range set {
		if in {
			axes = append(axes, c.axis(x, axis))
		}
	}
	slices.Sort(axes)
	return single(value{id: c.standardized(x.id, axes, 1e-9), order: x.order}, nil)
}

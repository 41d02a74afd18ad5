package onnx

import (
	"fmt"
	"math"
	"slices"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

// The operators that move values. They keep int8 values quantized.

// withID returns v moved to another node, stored as v was.
func (v value) withID(id graph.ID, order []int) value {
	moved := ordered(id, order)
	moved.unsigned = v.unsigned
	return moved
}

func convertIdentity(c *call) ([]value, error) {
	if err := c.require(1); err != nil {
		return nil, err
	}
	return single(c.in[0], nil)
}

// convertTranspose only notes the new order.
func convertTranspose(c *call) ([]value, error) {
	if err := c.require(1); err != nil {
		return nil, err
	}
	perm, err := c.ints("perm")
	if err != nil {
		return nil, err
	}
	rank := len(c.shape(c.in[0]))
	at := make([]int, rank) // where each axis goes
	seen := make([]bool, rank)
	if perm != nil && len(perm) != rank {
		return nil, fmt.Errorf("perm has %d entries, for a value of %d dimensions", len(perm), rank)
	}
	for i := range rank {
		from := rank - 1 - i
		if perm != nil {
			if from, err = normalized(perm[i], rank); err != nil || seen[from] {
				return nil, fmt.Errorf("perm %v is no permutation", perm)
			}
		}
		seen[from] = true
		at[from] = i
	}
	order := slices.Clone(c.orderOf(c.in[0]))
	for i, axis := range order {
		order[i] = at[axis]
	}
	return single(c.in[0].withID(c.in[0].id, order), nil)
}

// reshape gives v another shape. Axes that are joined or split are moved
// together if they are apart; the others stay where they are.
func (im *importer) reshape(v value, to tensor.Shape) value {
	from := im.shape(v)
	if from.Equal(to) {
		return v
	}
	groups := matchAxes(from, to)
	if v.order == nil || groups == nil {
		return v.withID(im.reshapedNode(im.plainStored(v), to), nil)
	}
	places := im.placesOf(v, from, groups)
	slices.SortStableFunc(groups, func(a, b axisGroup) int { return places[a] - places[b] })
	var before, after []int
	shape := tensor.Shape{}
	for _, g := range groups {
		for axis := g.from[0]; axis < g.from[1]; axis++ {
			before = append(before, axis)
		}
		for axis := g.to[0]; axis < g.to[1]; axis++ {
			after = append(after, axis)
			shape = append(shape, to[axis])
		}
	}
	return v.withID(im.reshapedNode(im.arranged(v, before), shape), after)
}

// placesOf returns where each group begins in memory: at the first of its axes
// that is longer than one, or the first at all; a group of new axes follows the
// group before it.
func (im *importer) placesOf(v value, from tensor.Shape, groups []axisGroup) map[axisGroup]int {
	places := map[axisGroup]int{}
	last := -1
	for _, g := range groups {
		first, firstLong := len(v.order), len(v.order)
		for axis := g.from[0]; axis < g.from[1]; axis++ {
			at := slices.Index(v.order, axis)
			first = min(first, at)
			if from[axis] != 1 {
				firstLong = min(firstLong, at)
			}
		}
		switch {
		case firstLong < len(v.order):
			last = firstLong
		case first < len(v.order):
			last = first
		}
		places[g] = last
	}
	return places
}

// plainStored is plain for a value that may stay quantized.
func (im *importer) plainStored(v value) graph.ID {
	identity := make([]int, len(im.Shape(v.id)))
	for i := range identity {
		identity[i] = i
	}
	return im.arranged(v, identity)
}

// axisGroup is neighbouring axes, from start to end, that become others of the
// same product.
type axisGroup struct{ from, to [2]int }

// matchAxes splits a reshape into the smallest independent groups; nil for
// values without elements.
func matchAxes(from, to tensor.Shape) []axisGroup {
	if from.Elements() == 0 {
		return nil
	}
	var groups []axisGroup
	i, j := 0, 0
	for i < len(from) || j < len(to) {
		g := axisGroup{from: [2]int{i, i}, to: [2]int{j, j}}
		a, b := 1, 1
		for first := true; first || a != b; first = false {
			if a <= b && i < len(from) {
				a *= from[i]
				i++
			} else if j < len(to) {
				b *= to[j]
				j++
			} else {
				break
			}
			if first && j < len(to) && i > g.from[0] { // one axis on either side at least
				b *= to[j]
				j++
			}
		}
		g.from[1], g.to[1] = i, j
		groups = append(groups, g)
	}
	return groups
}

func convertReshape(c *call) ([]value, error) {
	if err := c.require(1); err != nil {
		return nil, err
	}
	asked, ok, err := c.settings(1, "shape")
	if err != nil || !ok {
		return nil, orMissing(err)
	}
	keepZero, err := c.int("allowzero", 0)
	if err != nil {
		return nil, err
	}
	to, err := completeShape(asked, c.shape(c.in[0]), keepZero != 0)
	if err != nil {
		return nil, err
	}
	return single(c.reshape(c.in[0], to), nil)
}

func orMissing(err error) error {
	if err == nil {
		return errAbsent
	}
	return err
}

// completeShape fills in what a reshape leaves open: −1 follows from the rest, 0
// is the length of the input's axis unless zeros are kept.
func completeShape(asked []int64, from tensor.Shape, keepZero bool) (tensor.Shape, error) {
	if len(asked) > tensor.MaxRank {
		return nil, fmt.Errorf("a shape of %d dimensions, at most %d are allowed", len(asked), tensor.MaxRank)
	}
	to := make(tensor.Shape, len(asked))
	open := -1
	for i, d := range asked {
		switch {
		case d == -1 && open < 0:
			open, to[i] = i, 1
		case d < 0 || d > math.MaxInt32:
			return nil, fmt.Errorf("shape %v cannot be", asked)
		case d == 0 && !keepZero:
			if i >= len(from) {
				return nil, fmt.Errorf("shape %v copies an axis that %v has not", asked, from)
			}
			to[i] = from[i]
		default:
			to[i] = int(d)
		}
	}
	if err := to.Check(1); err != nil {
		return nil, err
	}
	if open >= 0 {
		known := to.Elements()
		if known == 0 || from.Elements()%known != 0 {
			return nil, fmt.Errorf("%v cannot become %v", from, asked)
		}
		to[open] = from.Elements() / known
	}
	if to.Elements() != from.Elements() {
		return nil, fmt.Errorf("%v cannot become %v", from, asked)
	}
	return to, nil
}

func convertFlatten(c *call) ([]value, error) {
	if err := c.require(1); err != nil {
		return nil, err
	}
	from := c.shape(c.in[0])
	at, err := c.int("axis", 1)
	if err != nil {
		return nil, err
	}
	if at < 0 {
		at += int64(len(from))
	}
	if at < 0 || at > int64(len(from)) {
		return nil, fmt.Errorf("axis %d of %v", at, from)
	}
	return single(c.reshape(c.in[0], tensor.Shape{from[:at].Elements(), from[at:].Elements()}), nil)
}

func convertSqueeze(c *call) ([]value, error) {
	if err := c.require(1); err != nil {
		return nil, err
	}
	from := c.shape(c.in[0])
	listed, given, err := c.settings(1, "axes")
	if err != nil {
		return nil, err
	}
	drop, err := axisSet(listed, len(from))
	if err != nil {
		return nil, err
	}
	to := tensor.Shape{}
	for axis, d := range from {
		dropped := drop[axis] || !given && d == 1
		if dropped && d != 1 {
			return nil, fmt.Errorf("axis %d of %v is not one long", axis, from)
		}
		if !dropped {
			to = append(to, d)
		}
	}
	return single(c.reshape(c.in[0], to), nil)
}

func axisSet(listed []int64, rank int) ([]bool, error) {
	set := make([]bool, rank)
	for _, a := range listed {
		axis, err := normalized(a, rank)
		if err != nil {
			return nil, err
		}
		set[axis] = true
	}
	return set, nil
}

func convertUnsqueeze(c *call) ([]value, error) {
	if err := c.require(1); err != nil {
		return nil, err
	}
	listed, given, err := c.settings(1, "axes")
	if err != nil || !given {
		return nil, orMissing(err)
	}
	from := c.shape(c.in[0])
	rank := len(from) + len(listed)
	if rank > tensor.MaxRank {
		return nil, fmt.Errorf("%d axes are too many", rank)
	}
	added, err := axisSet(listed, rank)
	if err != nil {
		return nil, err
	}
	to, next := make(tensor.Shape, rank), 0
	for axis := range to {
		if added[axis] {
			to[axis] = 1
			continue
		}
		if next == len(from) {
			return nil, fmt.Errorf("axes %v are listed twice", listed)
		}
		to[axis] = from[next]
		next++
	}
	return single(c.reshape(c.in[0], to), nil)
}

// convertConcat joins along one axis; what is quantized in different ways is
// joined as numbers.
func convertConcat(c *call) ([]value, error) {
	if err := c.require(1); err != nil {
		return nil, err
	}
	same := true
	for _, v := range c.in {
		same = same && v.unsigned == c.in[0].unsigned && c.Type(v.id).Quant.Equal(c.Type(c.in[0].id).Quant)
	}
	rank := len(c.shape(c.in[0]))
	at, err := c.int("axis", 1)
	if err != nil {
		return nil, err
	}
	axis, err := normalized(at, rank)
	if err != nil {
		return nil, err
	}
	var order []int
	for i := range c.in {
		if !same {
			c.in[i] = c.number(c.in[i])
		}
		if len(c.shape(c.in[i])) != rank {
			return nil, fmt.Errorf("input %d has shape %v, input 0 %v", i, c.shape(c.in[i]), c.shape(c.in[0]))
		}
		if order == nil && c.Node(c.in[i].id).Op != graph.OpConstant {
			order = c.in[i].order
		}
	}
	first := c.in[0].withID(c.in[0].id, order)
	parts := make([]graph.ID, len(c.in))
	for i, v := range c.in {
		parts[i] = c.arranged(v, c.orderOf(value{id: v.id, order: order}))
	}
	y := c.apply(graph.OpConcat, graph.Axis{Axis: c.axis(first, axis)}, parts...)
	return single(first.withID(y, order), nil)
}

// cut returns part of v along an axis: count slices from start on, step apart.
func (im *importer) cut(v value, axis, start, step, count int) value {
	return v.withID(im.strided(v.id, im.axis(v, axis), start, step, count), v.order)
}

// without returns v without an axis that is one long.
func (im *importer) without(v value, axis int) value {
	shape := im.shape(v)
	if im.Err() != nil {
		return v
	}
	return im.reshape(v, append(shape[:axis:axis], shape[axis+1:]...))
}

func convertSplit(c *call) ([]value, error) {
	if err := c.require(1); err != nil {
		return nil, err
	}
	from := c.shape(c.in[0])
	at, err := c.int("axis", 0)
	if err != nil {
		return nil, err
	}
	axis, err := normalized(at, len(from))
	if err != nil {
		return nil, err
	}
	parts, given, err := c.settings(1, "split")
	if err != nil {
		return nil, err
	}
	count, err := c.int("num_outputs", int64(len(c.node.Outputs)))
	if err != nil {
		return nil, err
	}
	if !given {
		if count < 1 || count > int64(len(c.node.Outputs)) {
			return nil, fmt.Errorf("%d outputs, the node names %d", count, len(c.node.Outputs))
		}
		part := (from[axis] + int(count) - 1) / int(count)
		for left := from[axis]; len(parts) < int(count); left -= part {
			parts = append(parts, int64(min(part, max(0, left))))
		}
	}
	start, results := int64(0), []value{}
	for i, n := range parts {
		if n < 0 || start+n > int64(from[axis]) {
			return nil, fmt.Errorf("part %d does not lie in an axis of %d", i, from[axis])
		}
		results = append(results, c.cut(c.in[0], axis, int(start), 1, int(n)))
		start += n
	}
	if start != int64(from[axis]) {
		return nil, fmt.Errorf("parts of %d in all, of an axis of %d", start, from[axis])
	}
	return results, nil
}

// convertSlice: starts, ends, axes and steps are attributes before opset 10.
func convertSlice(c *call) ([]value, error) {
	if err := c.require(1); err != nil {
		return nil, err
	}
	starts, given, err := c.settings(1, "starts")
	if err != nil || !given {
		return nil, orMissing(err)
	}
	ends, given, err := c.settings(2, "ends")
	if err != nil || !given {
		return nil, orMissing(err)
	}
	axes, givenAxes, err := c.settings(3, "axes")
	if err != nil {
		return nil, err
	}
	steps, givenSteps, err := c.settings(4, "steps")
	if err != nil {
		return nil, err
	}
	if len(starts) != len(ends) || givenAxes && len(axes) != len(starts) || givenSteps && len(steps) != len(starts) {
		return nil, fmt.Errorf("%d starts, %d ends, %d axes, %d steps", len(starts), len(ends), len(axes), len(steps))
	}
	y := c.in[0]
	for i := range starts {
		axis, step := int64(i), int64(1)
		if givenAxes {
			axis = axes[i]
		}
		if givenSteps {
			step = steps[i]
		}
		at, err := normalized(axis, len(c.shape(y)))
		if err != nil {
			return nil, err
		}
		start, count, err := sliceRange(starts[i], ends[i], step, c.shape(y)[at])
		if err != nil {
			return nil, err
		}
		y = c.cut(y, at, start, int(step), count)
	}
	return single(y, nil)
}

// sliceRange returns where a slice of an axis of n elements starts and how many
// it takes, by the rules of NumPy.
func sliceRange(start, end, step int64, n int) (first, count int, err error) {
	if step == 0 || step < -math.MaxInt32 || step > math.MaxInt32 {
		return 0, 0, fmt.Errorf("a step of %d", step)
	}
	length := int64(n)
	clampTo := func(v, lo, hi int64) int64 {
		if v < 0 {
			v += length
		}
		return min(max(v, lo), hi)
	}
	if step > 0 {
		start, end = clampTo(start, 0, length), clampTo(end, 0, length)
		return int(min(start, max(0, length-1))), int(max(0, (end-start+step-1)/step)), nil
	}
	start, end = clampTo(start, 0, length-1), clampTo(end, -1, length-1)
	return int(max(0, start)), int(max(0, (start-end-step-1)/-step)), nil
}

func convertGather(c *call) ([]value, error) {
	if err := c.require(2); err != nil {
		return nil, err
	}
	at, err := c.int("axis", 0)
	if err != nil {
		return nil, err
	}
	x := c.in[0]
	shape := c.shape(x)
	axis, err := normalized(at, len(shape))
	if err != nil {
		return nil, err
	}
	indices := c.plain(c.in[1])
	if known, ok := c.constantOf(c.in[1]); ok && len(known.Shape) <= 1 && known.Shape.Elements() == 1 {
		// One slice: no gather, and the axis goes if the index is a scalar.
		position, err := runtimeCast(known, tensor.Int64)
		if err != nil {
			return nil, err
		}
		i, err := normalized(tensor.Elements[int64](position)[0], shape[axis])
		if err != nil {
			return nil, fmt.Errorf("an index outside an axis of %d", shape[axis])
		}
		y := c.cut(x, axis, i, 1, 1)
		if len(known.Shape) == 0 {
			y = c.without(y, axis)
		}
		return single(y, nil)
	}
	at32, err := c.indices(indices, shape[axis])
	if err != nil {
		return nil, err
	}
	if len(c.Shape(indices)) == 1 {
		return single(x.withID(c.apply(graph.OpGather, graph.Axis{Axis: c.axis(x, axis)}, x.id, at32), x.order), nil)
	}
	return single(x.withID(c.apply(graph.OpGather, graph.Axis{Axis: axis}, c.plainStored(x), at32), nil), nil)
}

// indices returns indices into an axis of n elements as int32, those that count
// from the end as positions.
func (im *importer) indices(id graph.ID, n int) (graph.ID, error) {
	if d := im.Type(id).DType; d != tensor.Int64 && d != tensor.Int32 {
		return id, fmt.Errorf("indices are %v, want int32 or int64", im.Type(id))
	}
	at := im.cast(id, tensor.Int32)
	zero := im.Constant("zero", tensor.Scalar[int32](0))
	length := im.Constant("length", tensor.Scalar(int32(n)))
	positions := im.choose(im.greater(zero, at), im.add(at, length), at)
	return positions, im.checkPositions(positions, n)
}

// checkPositions fails on known positions outside an axis of n elements.
func (im *importer) checkPositions(id graph.ID, n int) error {
	known := im.Node(id)
	if known.Op != graph.OpConstant {
		return nil
	}
	for _, at := range tensor.Elements[int32](*known.Value) {
		if at < 0 || int(at) >= n {
			return fmt.Errorf("an index outside an axis of %d", n)
		}
	}
	return nil
}

func convertGatherElements(c *call) ([]value, error) {
	if err := c.require(2); err != nil {
		return nil, err
	}
	at, err := c.int("axis", 0)
	if err != nil {
		return nil, err
	}
	shape := c.shape(c.in[0])
	axis, err := normalized(at, len(shape))
	if err != nil {
		return nil, err
	}
	indices, err := c.indices(c.plain(c.in[1]), shape[axis])
	if err != nil {
		return nil, err
	}
	y := c.apply(graph.OpGatherElements, graph.Axis{Axis: axis}, c.plainStored(c.in[0]), indices)
	return single(c.in[0].withID(y, nil), nil)
}

// convertGatherND turns every tuple of indices into one position of the value
// with the indexed axes joined.
func convertGatherND(c *call) ([]value, error) {
	if err := c.require(2); err != nil {
		return nil, err
	}
	asked, err := c.int("batch_dims", 0)
	if err != nil {
		return nil, err
	}
	x, at := c.plainStored(c.in[0]), c.plain(c.in[1])
	shape, tuples := c.Shape(x), c.Shape(at)
	batch, last := int(asked), len(tuples)-1
	if asked < 0 || asked >= int64(len(shape)) || last < batch || tuples[last] < 1 || batch+tuples[last] > len(shape) ||
		!shape[:batch].Equal(tuples[:batch]) {
		return nil, fmt.Errorf("indices %v into %v with %d batch axes", tuples, shape, asked)
	}
	indexed := shape[batch : batch+tuples[last]]
	position := graph.None
	for i, n := range indexed {
		one, err := c.indices(c.strided(at, last, i, 1, 1), n)
		if err != nil {
			return nil, err
		}
		if position == graph.None {
			position = one
		} else {
			position = c.add(c.mul(position, c.like(position, float64(n))), one)
		}
	}
	// Every batch has its own stretch of the joined axis.
	batches, inner := shape[:batch].Elements(), indexed.Elements()
	position = c.reshapedNode(position, tensor.Shape{batches, tuples[batch:last].Elements()})
	c.reserve(batches, 4)
	starts := make([]int32, batches)
	for i := range starts {
		starts[i] = int32(i * inner)
	}
	position = c.add(position, c.Constant("starts", tensor.Must(tensor.Of(tensor.Shape{batches, 1}, starts))))
	rest := shape[batch+len(indexed):]
	flat := c.reshapedNode(x, append(tensor.Shape{batches * inner}, rest...))
	y := c.apply(graph.OpGather, graph.Axis{}, flat, position)
	return single(c.in[0].withID(c.reshapedNode(y, append(tuples[:last:last], rest...)), nil), nil)
}

// convertExpand: broadcasting goes both ways.
func convertExpand(c *call) ([]value, error) {
	if err := c.require(1); err != nil {
		return nil, err
	}
	asked, err := c.constantInts(1)
	if err != nil {
		return nil, err
	}
	to, err := shapeOf(asked, 1)
	if err != nil {
		return nil, err
	}
	x := c.plainStored(c.in[0])
	if from := c.Shape(x); len(from) > len(to) {
		to = append(slices.Repeat(tensor.Shape{1}, len(from)-len(to)), to...)
	}
	for i, d := range slices.Backward(to) {
		if at := i - len(to) + len(c.Shape(x)); at >= 0 && d == 1 {
			to[i] = c.Shape(x)[at]
		}
	}
	return single(c.in[0].withID(c.broadcast(x, to), nil), nil)
}

func (im *importer) broadcast(x graph.ID, shape tensor.Shape) graph.ID {
	if im.Shape(x).Equal(shape) {
		return x
	}
	return im.apply(graph.OpBroadcast, graph.Shape{Shape: shape}, x)
}

// convertTile repeats along every axis.
func convertTile(c *call) ([]value, error) {
	if err := c.require(1); err != nil {
		return nil, err
	}
	repeats, err := c.constantInts(1)
	if err != nil {
		return nil, err
	}
	x := c.plainStored(c.in[0])
	from := c.Shape(x)
	if len(repeats) != len(from) {
		return nil, fmt.Errorf("%d repeats for %v", len(repeats), from)
	}
	apart, spread, joined := tensor.Shape{}, []int64{}, []int64{}
	for axis, d := range from {
		apart = append(apart, 1, d)
		spread = append(spread, repeats[axis], int64(d))
		joined = append(joined, repeats[axis]*int64(d))
	}
	wide, err := shapeOf(spread, 1)
	if err != nil {
		return nil, err
	}
	to, err := shapeOf(joined, 1)
	if err != nil {
		return nil, err
	}
	y := c.broadcast(c.reshapedNode(x, apart), wide)
	return single(c.in[0].withID(c.reshapedNode(y, to), nil), nil)
}

// convertDepthToSpace: blocks of b×b channels become pixels.
func convertDepthToSpace(c *call) ([]value, error) {
	mode, err := c.string("mode", "DCR")
	if err != nil {
		return nil, err
	}
	split, perm := func(s tensor.Shape, b int) tensor.Shape {
		return tensor.Shape{s[0], b, b, s[1] / (b * b), s[2], s[3]}
	}, []int{0, 3, 4, 1, 5, 2}
	if mode == "CRD" {
		split, perm = func(s tensor.Shape, b int) tensor.Shape {
			return tensor.Shape{s[0], s[1] / (b * b), b, b, s[2], s[3]}
		}, []int{0, 1, 4, 2, 5, 3}
	}
	return c.blocks(split, perm, func(s tensor.Shape, b int) tensor.Shape {
		return tensor.Shape{s[0], s[1] / (b * b), s[2] * b, s[3] * b}
	})
}

// convertSpaceToDepth: blocks of b×b pixels become channels.
func convertSpaceToDepth(c *call) ([]value, error) {
	return c.blocks(func(s tensor.Shape, b int) tensor.Shape {
		return tensor.Shape{s[0], s[1], s[2] / b, b, s[3] / b, b}
	}, []int{0, 3, 5, 1, 2, 4}, func(s tensor.Shape, b int) tensor.Shape {
		return tensor.Shape{s[0], s[1] * b * b, s[2] / b, s[3] / b}
	})
}

// blocks splits axes, reorders them and joins them again.
func (c *call) blocks(split func(tensor.Shape, int) tensor.Shape, perm []int, join func(tensor.Shape, int) tensor.Shape) ([]value, error) {
	if err := c.require(1); err != nil {
		return nil, err
	}
	size, err := c.int("blocksize", 0)
	if err != nil {
		return nil, err
	}
	from := c.shape(c.in[0])
	if len(from) != 4 || size < 1 || size > maxStep {
		return nil, fmt.Errorf("blocks of %d in %v", size, from)
	}
	b := int(size)
	apart, to := split(from, b), join(from, b)
	if apart.Check(1) != nil || to.Check(1) != nil || apart.Elements() != from.Elements() || to.Elements() != from.Elements() {
		return nil, fmt.Errorf("blocks of %d do not fit %v", b, from)
	}
	v := c.reshape(c.in[0], apart)
	at := make([]int, len(perm))
	for i, p := range perm {
		at[p] = i
	}
	order := slices.Clone(c.orderOf(v))
	for i, axis := range order {
		order[i] = at[axis]
	}
	return single(c.reshape(v.withID(v.id, order), to), nil)
}

package kernels

// ScatterAddElementsF32 returns the task of y = 0, to which each element of x is
// added where its index points along an axis, in order; x and indices have shape
// from, y has shape. An index outside means the nearest element.
func ScatterAddElementsF32(shape, from []int, axis int, y, x []float32, indices []int32) Task {
	strides := Strides(shape)
	t := &scatterAddF32{
		y: y, x: x, indices: indices, length: shape[axis], along: strides[axis], count: from[axis],
		outer: places(from[:axis], strides[:axis]), inner: places(from[axis+1:], strides[axis+1:]),
	}
	const block = 1 << 14
	return Stages{Rows(len(y), block, func(first, last int) { clear(y[first:last]) }), t}
}

// places returns the offsets of all positions of a shape.
func places(shape, strides []int) []int {
	list := []int{0}
	for axis, d := range shape {
		next := make([]int, 0, len(list)*d)
		for _, at := range list {
			for i := range d {
				next = append(next, at+i*strides[axis])
			}
		}
		list = next
	}
	return list
}

// scatterAddF32 is a task whose tiles are ranges of the positions behind the axis,
// for each position before it.
type scatterAddF32 struct {
	y, x          []float32
	indices       []int32
	length, along int   // of the axis in y, and its stride
	count         int   // elements of x along the axis
	outer, inner  []int // where the positions before and behind it lie in y
}

// scatterBlock is the positions of a tile.
const scatterBlock = 64

func (t *scatterAddF32) blocks() int { return (len(t.inner) + scatterBlock - 1) / scatterBlock }

func (t *scatterAddF32) Tiles() int   { return len(t.outer) * t.blocks() }
func (t *scatterAddF32) Scratch() int { return 0 }

func (t *scatterAddF32) Tile(i int, _ []byte) {
	outer, first := i/t.blocks(), i%t.blocks()*scatterBlock
	inner := t.inner[first:min(first+scatterBlock, len(t.inner))]
	y := t.y[t.outer[outer]:]
	for row := range t.count {
		from := (outer*t.count+row)*len(t.inner) + first
		x, indices := t.x[from:][:len(inner)], t.indices[from:][:len(inner)]
		for j, place := range inner {
			index := min(max(int(indices[j]), 0), t.length-1)
			y[index*t.along+place] += x[j]
		}
	}
}

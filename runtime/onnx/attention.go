package onnx

import (
	"fmt"
	"math"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

// heads is the three inputs of an attention, [batch × heads × tokens × width].
type heads struct {
	q, k, v value
	flat    bool // they came as [batch × tokens × heads·width], and so goes the result
	queries int  // heads of q
	past    int  // tokens that came before
	scale   float32
	softcap float32
	causal  bool
}

// convertAttention: ai.onnx 23 and 24.
//
//	softmax(q·kᵀ·scale + mask)·v
//
// with grouped heads, earlier keys and values, a soft cap on the scores, and the
// scores themselves at one of four stages as a further result.
func convertAttention(c *call) ([]value, error) {
	h, present, err := c.heads()
	if err != nil {
		return nil, err
	}
	stage, err := c.int("qk_matmul_output_mode", 0)
	if err != nil {
		return nil, err
	}
	c.ignore("softmax_precision")
	y, scores, err := c.attend(h, stage)
	if err != nil {
		return nil, err
	}
	if h.flat {
		y = c.withoutHeads(y)
	}
	return []value{y, present[0], present[1], scores}, nil
}

// heads reads q, k, v and what came before.
func (c *call) heads() (h heads, present [2]value, err error) {
	if err := c.require(3); err != nil {
		return h, present, err
	}
	if c.has(6) {
		if _, err := c.known(6); err != nil {
			return h, present, err
		}
	}
	var counts [2]int64
	for i, name := range []string{"q_num_heads", "kv_num_heads"} {
		if counts[i], err = c.int(name, 0); err != nil {
			return h, present, err
		}
	}
	causal, err := c.int("is_causal", 0)
	if err != nil {
		return h, present, err
	}
	if h.softcap, err = c.float("softcap", 0); err != nil {
		return h, present, err
	}
	h.causal = causal != 0
	q, k, v := c.number(c.in[0]), c.number(c.in[1]), c.number(c.in[2])
	if rank := len(c.shape(q)); rank == 3 {
		h.flat = true
		for i, p := range []*value{&q, &k, &v} {
			n := counts[min(i, 1)]
			if *p, err = c.withHeads(*p, n); err != nil {
				return h, present, err
			}
		}
	}
	for _, p := range []value{q, k, v} {
		if len(c.shape(p)) != 4 {
			return h, present, fmt.Errorf("q, k, v have shapes %v, %v, %v", c.shape(q), c.shape(k), c.shape(v))
		}
	}
	for i, p := range []*value{&k, &v} {
		if c.has(4 + i) {
			before := c.plain(c.in[4+i])
			if len(c.Shape(before)) != 4 {
				return h, present, fmt.Errorf("what came before has shape %v, want 4 axes", c.Shape(before))
			}
			h.past = c.Shape(before)[2]
			*p = value{id: c.apply(graph.OpConcat, graph.Axis{Axis: 2}, before, c.plain(*p))}
		}
		present[i] = *p
	}
	h.queries = c.shape(q)[1]
	if h.scale, err = c.float("scale", 0); err != nil {
		return h, present, err
	}
	if h.q, h.k, h.v = q, k, v; h.scale == 0 {
		h.scale = float32(1 / math.Sqrt(float64(c.shape(q)[3])))
	}
	return h, present, nil
}

// withHeads splits [batch × tokens × heads·width].
func (im *importer) withHeads(v value, n int64) (value, error) {
	s := im.shape(v)
	if len(s) != 3 || n < 1 || int64(s[2])%n != 0 {
		return v, fmt.Errorf("%d heads in %v", n, s)
	}
	split := im.reshape(v, tensor.Shape{s[0], s[1], int(n), s[2] / int(n)})
	order := im.orderOf(split)
	at := []int{0, 2, 1, 3}
	swapped := make([]int, 4)
	for i, axis := range order {
		swapped[i] = at[axis]
	}
	return ordered(split.id, swapped), nil
}

// withoutHeads is the inverse of withHeads.
func (im *importer) withoutHeads(v value) value {
	s := im.shape(v)
	if im.Err() != nil {
		return v
	}
	joined := im.arranged(v, []int{0, 2, 1, 3})
	return value{id: im.reshapedNode(joined, tensor.Shape{s[0], s[2], s[1] * s[3]})}
}

// attend returns the result and the scores at the asked stage: after the
// product, the soft cap, the mask, or the softmax.
func (c *call) attend(h heads, stage int64) (y, scores value, err error) {
	if groups := c.shape(h.k)[1]; groups != h.queries {
		if h.k, err = c.repeated(h.k, h.queries); err != nil {
			return y, scores, err
		}
		if h.v, err = c.repeated(h.v, h.queries); err != nil {
			return y, scores, err
		}
	}
	order := c.orderOf(h.k)
	at, swapped := []int{0, 1, 3, 2}, make([]int, 4)
	for i, axis := range order {
		swapped[i] = at[axis]
	}
	root := float64(float32(math.Sqrt(float64(h.scale))))
	q := value{id: c.mul(h.q.id, c.like(h.q.id, root)), order: h.q.order}
	k := value{id: c.mul(h.k.id, c.like(h.k.id, root)), order: swapped}
	product, err := c.matMul(q, ordered(k.id, k.order))
	if err != nil {
		return y, scores, err
	}
	stages := []graph.ID{product.id}
	s := product.id
	if h.softcap != 0 {
		s = c.mul(c.unary(graph.OpTanh, c.div(s, c.like(s, float64(h.softcap)))), c.like(s, float64(h.softcap)))
	}
	stages = append(stages, s)
	if s, err = c.masked(s, h); err != nil {
		return y, scores, err
	}
	stages = append(stages, s)
	p, err := c.softmax(value{id: s}, []int{3})
	if err != nil {
		return y, scores, err
	}
	p.id = c.plain(p)
	stages = append(stages, p.id)
	if stage < 0 || int(stage) >= len(stages) {
		return y, scores, fmt.Errorf("qk_matmul_output_mode is %d", stage)
	}
	y, err = c.matMul(value{id: p.id}, h.v)
	return y, value{id: stages[stage]}, err
}

// repeated gives every group of query heads its own copy of a key or value head.
func (im *importer) repeated(v value, n int) (value, error) {
	id := im.plain(v)
	s := im.Shape(id)
	if im.Err() != nil {
		return v, nil
	}
	if s[1] == 0 || n%s[1] != 0 {
		return v, fmt.Errorf("%d heads of queries for %d of keys", n, s[1])
	}
	apart := im.reshapedNode(id, tensor.Shape{s[0], s[1], 1, s[2], s[3]})
	wide := im.broadcast(apart, tensor.Shape{s[0], s[1], n / s[1], s[2], s[3]})
	return value{id: im.reshapedNode(wide, tensor.Shape{s[0], n, s[2], s[3]})}, nil
}

// masked adds the mask, and hides what comes after each token and what is
// padding.
func (c *call) masked(s graph.ID, h heads) (graph.ID, error) {
	shape := c.Shape(s)
	if c.Err() != nil {
		return s, nil
	}
	hidden := c.like(s, math.Inf(-1))
	rows, columns := shape[2], shape[3]
	if c.has(3) {
		mask := c.plain(c.in[3])
		if n := c.Shape(mask); len(n) > 0 && n[len(n)-1] < columns { // the rest is padding
			value := hidden
			if c.Type(mask).DType == tensor.Bool {
				value = c.Constant("hidden", tensor.Scalar(false))
			}
			mask = c.between(mask, len(n)-1, 0, columns-n[len(n)-1], value)
		}
		if c.Type(mask).DType == tensor.Bool {
			s = c.choose(mask, s, hidden)
		} else {
			s = c.add(s, mask)
		}
	}
	if h.causal {
		c.reserve(rows, columns)
		seen := make([]bool, rows*columns)
		for i := range rows {
			for j := range columns {
				seen[i*columns+j] = j <= i+h.past
			}
		}
		mask := c.Constant("causal", tensor.Must(tensor.Of(tensor.Shape{rows, columns}, seen)))
		s = c.choose(mask, s, hidden)
	}
	if c.has(6) { // how many keys of each image are no padding
		counts, err := c.constantInts(6)
		if err != nil {
			return s, err
		}
		if len(counts) != shape[0] {
			return s, fmt.Errorf("%d lengths for %d images", len(counts), shape[0])
		}
		c.reserve(len(counts), columns)
		seen := make([]bool, len(counts)*columns)
		for i, n := range counts {
			for j := range columns {
				seen[i*columns+j] = int64(j) < n
			}
		}
		s = c.choose(c.Constant("padding", tensor.Must(tensor.Of(tensor.Shape{len(counts), 1, 1, columns}, seen))), s, hidden)
	}
	return s, nil
}

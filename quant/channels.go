package quant

import (
	"megl-edge/runtime/graph"
)

// channels is what calibration photos tell about every channel of an activation,
// its last axis.
type channels struct {
	greatest []float32 // magnitude
	sum      []float64
	count    int // of values in each channel
}

// observe adds the values of one photo, [… × channels].
func (c *channels) observe(values []float32, n int) {
	if c.sum == nil {
		c.greatest, c.sum = make([]float32, n), make([]float64, n)
	}
	for i := 0; i < len(values); i += n {
		for k, v := range values[i:][:n] {
			c.sum[k] += float64(v)
			if v < 0 {
				v = -v
			}
			c.greatest[k] = max(c.greatest[k], v)
		}
	}
	c.count += len(values) / n
}

// mean returns the mean of channel k.
func (c *channels) mean(k int) float64 { return c.sum[k] / float64(max(1, c.count)) }

// watchChannels runs g on photos and collects the channels of the given nodes.
func watchChannels(g *graph.Graph, nodes []graph.ID, photos Photos) (map[string]*channels, error) {
	w, err := newWatch(g, nodes)
	if err != nil {
		return nil, err
	}
	defer w.close()
	seen := map[string]*channels{}
	for _, id := range nodes {
		seen[g.Node(id).Name] = &channels{}
	}
	for photo, err := range photos {
		if err != nil {
			return nil, err
		}
		if err := w.run(photo); err != nil {
			return nil, err
		}
		for i, id := range nodes {
			n := g.Node(id)
			shape := n.Type.Shape
			seen[n.Name].observe(w.value(i), shape[len(shape)-1])
		}
	}
	return seen, nil
}

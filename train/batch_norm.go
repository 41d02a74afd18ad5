package train

import (
	"errors"

	"megl-edge/runtime"
	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

// presentInput says how much each photo of a batch counts in the statistics of
// batch normalisations, [N], 1 together: photos that only fill a batch do not.
const presentInput = "batch.present"

// statisticsMomentum is the share of a step in the running statistics.
const statisticsMomentum = 0.1

// errNoBatchNorm says that there is no batch normalisation left to train.
var errNoBatchNorm = errors.New("the network has no batch normalisation to train: its exporter made them part of the weights")

// ownStatistics gives each batch normalisation a mean and a variance that no other
// shares, and fails where there is none.
func ownStatistics(g *graph.Graph) (*graph.Graph, error) {
	found := false
	own, err := graph.Rewrite(g, func(b *graph.Builder, n *graph.Node) graph.ID {
		if n.Op != graph.OpBatchNorm {
			return graph.None
		}
		inputs := append([]graph.ID{}, n.Inputs...)
		for i, suffix := range []string{"/mean", "/variance"} {
			at := b.Node(inputs[3+i])
			if at.Op != graph.OpConstant {
				return graph.None
			}
			inputs[3+i] = b.Constant(n.Name+suffix, *at.Value)
		}
		found = true
		return b.Apply(n.Op, n.Name, n.Attr, inputs...)
	})
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, errNoBatchNorm
	}
	return graph.Simplify(own)
}

// markStatistics tells the statistics of batch normalisations from weights.
func (n *Network) markStatistics() {
	statistic := map[string]bool{}
	for _, node := range n.graph.Nodes() {
		if node.Op == graph.OpBatchNorm {
			statistic[n.graph.Node(node.Inputs[3]).Name] = true
			statistic[n.graph.Node(node.Inputs[4]).Name] = true
		}
	}
	for i := range n.weights {
		if w := &n.weights[i]; statistic[w.Name] {
			w.statistic, w.Frozen = true, true
		}
	}
}

// Statistic is the running mean or variance of a batch normalisation.
type Statistic struct {
	Name  string
	Value []float32

	node  string // whose value is that of the batch
	batch []float32
	sum   []float32 // of the parts of a step, each times its photos
	// places is how many values of a photo the statistic is of.
	places   int
	variance bool
}

// normaliseByBatch replaces each batch normalisation in training by one with the
// statistics of the batch (Ioffe and Szegedy, 2015, algorithm 1), and returns the
// statistics. One whose scale and offset are frozen keeps its running ones. As
// everywhere where batches are normalised so, what a photo's scores and heat map
// are depends on the others too.
func normaliseByBatch(g *graph.Graph) (*graph.Graph, []Statistic, error) {
	var all []Statistic
	present := graph.None
	many, err := graph.Rewrite(g, func(b *graph.Builder, n *graph.Node) graph.ID {
		if n.Op != graph.OpBatchNorm || b.Node(n.Inputs[1]).Op != graph.OpInput && b.Node(n.Inputs[2]).Op != graph.OpInput {
			return graph.None
		}
		x := n.Inputs[0]
		shape := b.Shape(x)
		if present == graph.None {
			present = b.Input(presentInput, tensor.Type{DType: tensor.Float32, Shape: shape[:1]})
		}
		mean := overBatch(b, n.Name+"/batch mean", x, present)
		centred := b.Sub(x, mean)
		variance := overBatch(b, n.Name+"/batch variance", b.Mul(centred, centred), present)
		places := shape.Elements() / (shape[0] * shape[len(shape)-1])
		for i, id := range []graph.ID{mean, variance} {
			running := b.Node(n.Inputs[3+i])
			all = append(all, Statistic{
				Name: running.Name, Value: append([]float32{}, tensor.Elements[float32](*running.Value)...),
				node: b.Node(id).Name, places: places, variance: i == 1,
			})
		}
		epsilon := b.Scalar(n.Attr.(graph.BatchNorm).Epsilon)
		factor := b.Div(n.Inputs[1], b.Apply(graph.OpSqrt, "", nil, b.Add(variance, epsilon)))
		return b.Apply(graph.OpAdd, n.Name, nil, b.Mul(centred, factor), n.Inputs[2])
	})
	return many, all, err
}

// overBatch returns the mean of each channel over the places of the photos that
// are present.
func overBatch(b *graph.Builder, name string, x, present graph.ID) graph.ID {
	shape := b.Shape(x)
	var places []int
	for axis := 1; axis < len(shape)-1; axis++ {
		places = append(places, axis)
	}
	if len(places) > 0 {
		x = b.Apply(graph.OpReduceMean, "", graph.Reduce{Axes: places}, x)
	}
	weighted := b.Mul(x, b.Reshape(present, tensor.Shape{shape[0], 1}))
	return b.Apply(graph.OpReduceSum, name, graph.Reduce{Axes: []int{0}}, weighted)
}

// bindStatistics finds where a session leaves the statistics of a batch.
func (s *Stepper) bindStatistics(session *runtime.Session) error {
	for i := range s.Statistics {
		at := &s.Statistics[i]
		value, err := session.Output(at.node)
		if err != nil {
			return err
		}
		at.batch = tensor.Elements[float32](value)
		at.sum = make([]float32, len(at.batch))
	}
	return nil
}

// present returns how much each photo counts in the statistics, and how many do;
// where the batch does not say, all count alike.
func present(batch Batch, size int) (shares []float32, count int) {
	shares = make([]float32, size)
	for i := range shares {
		if batch.Missing == nil || !batch.Missing[i] {
			count++
		}
	}
	for i := range shares {
		if batch.Missing == nil || !batch.Missing[i] {
			shares[i] = 1 / float32(count)
		}
	}
	return shares, count
}

// collect adds the statistics of a batch with the given number of photos to those
// of the step, each photo counting alike; the variance is that of a sample.
func (s *Stepper) collect(photos int) {
	if photos == 0 {
		return
	}
	s.collected += photos
	for _, at := range s.Statistics {
		unbiased := float32(1)
		if n := photos * at.places; at.variance && n > 1 {
			unbiased = float32(n) / float32(n-1)
		}
		for i, v := range at.batch {
			at.sum[i] += float32(float32(v*unbiased) * float32(photos))
		}
	}
}

// forget drops what was collected.
func (s *Stepper) forget() {
	s.collected = 0
	for _, at := range s.Statistics {
		clear(at.sum)
	}
}

// track moves the running statistics towards those of the step.
func (s *Stepper) track() {
	if s.collected == 0 {
		return
	}
	for _, at := range s.Statistics {
		for i, sum := range at.sum {
			mean := sum / float32(s.collected)
			at.Value[i] = float32(at.Value[i]*(1-statisticsMomentum)) + float32(mean*statisticsMomentum)
		}
	}
	s.forget()
}

package gradcam

import (
	"fmt"
	"strings"

	"megl-edge/runtime/graph"
)

// Method is a way to draw a heat map.
type Method string

// The methods. A is the target layer, [height × width × channels], and the score
// the logit of the class that is explained.
const (
	// GradCAM weights every channel by the mean of its slope.
	GradCAM Method = "gradcam"
	// LayerCAM weights every cell of every channel by its own slope.
	LayerCAM Method = "layercam"
	// GradCAMPlusPlus weights every channel by a weighted sum of its positive
	// slopes.
	GradCAMPlusPlus Method = "gradcam++"
	// EigenCAM is the first principal component of the target layer: where the
	// network saw something, the same for every class.
	EigenCAM Method = "eigencam"
	// AttentionRollout follows the attention of a vision transformer back to the
	// patches, the same for every class.
	AttentionRollout Method = "rollout"
)

// technique is how a method draws. One that reads other layers than the target
// layer finds the whole graph in the head's builder.
type technique struct {
	method  Method
	ofClass bool // the map depends on the class
	attends bool // it follows the attention of a vision transformer
	// draw appends the values of the map before normalisation, [N × height ×
	// width] or N matrices of as many elements; what is below 0 does not count.
	draw func(*head) graph.ID
}

var techniques = []technique{
	{method: GradCAM, ofClass: true, draw: (*head).gradCAM},
	{method: LayerCAM, ofClass: true, draw: (*head).layerCAM},
	{method: GradCAMPlusPlus, ofClass: true, draw: (*head).gradCAMPlusPlus},
	{method: EigenCAM, draw: (*head).eigenCAM},
	{method: AttentionRollout, attends: true, draw: (*head).rollout},
}

// Methods lists all methods, the default first.
func Methods() []Method {
	all := make([]Method, len(techniques))
	for i, t := range techniques {
		all[i] = t.method
	}
	return all
}

// OfClass tells whether the method's map depends on the class that is explained.
func (m Method) OfClass() bool {
	t, err := m.technique()
	return err == nil && t.ofClass
}

// check fails where a technique cannot draw for a network.
func (t technique) check(g *graph.Graph, logits graph.ID, at positions) error {
	if t.attends && (!at.tokens || len(attentions(g.Node, logits, at)) == 0) {
		return errNoAttention
	}
	return nil
}

func (m Method) technique() (technique, error) {
	names := make([]string, len(techniques))
	for i, t := range techniques {
		if t.method == m {
			return t, nil
		}
		names[i] = string(t.method)
	}
	return technique{}, fmt.Errorf("there is no heat map method %.32q; there are: %s", string(m), strings.Join(names, ", "))
}

package model

import (
	"fmt"

	"megl-edge/runtime/model/safetensors"
	"megl-edge/runtime/tensor"
)

// Confidence is what a model's probabilities are worth, and how it knows a photo of
// none of its classes.
type Confidence struct {
	// Temperature divides the logits before the softmax (Guo et al., ICML 2017).
	Temperature float32 `json:"temperature"`
	// Threshold is the score from which on a photo counts as unknown; see Means.
	Threshold float32 `json:"unknown_threshold"`
	// Means are the mean directions of the classes in the target layer, float32
	// [classes × channels], of length 1: a photo's score is 1 − the greatest cosine
	// between one of them and its own values, means over positions. Without rows nothing
	// is unknown.
	Means tensor.Tensor `json:"-"`
}

// meansEntry is the name of the means in the file.
const meansEntry = "confidence/means"

// KnowsUnknown tells whether photos of no class are told from others.
func (c *Confidence) KnowsUnknown() bool { return c != nil && len(c.Means.Shape) == 2 }

func (m *Model) checkConfidence() error {
	c := m.Confidence
	if c == nil {
		return nil
	}
	if !(c.Temperature > 0) || c.Temperature-c.Temperature != 0 {
		return fmt.Errorf("confidence: the temperature is %v, want a finite number above 0", c.Temperature)
	}
	if !c.KnowsUnknown() {
		return nil
	}
	if c.Means.DType != tensor.Float32 || c.Means.Shape[0] != m.Classes() || m.TargetLayer == "" {
		return fmt.Errorf("confidence: means %v of a model with %d classes and target layer %q", c.Means.Type, m.Classes(), m.TargetLayer)
	}
	if c.Threshold-c.Threshold != 0 {
		return fmt.Errorf("confidence: the threshold is %v, want a finite number", c.Threshold)
	}
	for _, v := range tensor.Elements[float32](c.Means) {
		if v-v != 0 {
			return fmt.Errorf("confidence: the means hold %v", v)
		}
	}
	return nil
}

// entries returns the tensors as they stand in a file.
func (c *Confidence) entries() []safetensors.Entry {
	if !c.KnowsUnknown() {
		return nil
	}
	return []safetensors.Entry{{Name: meansEntry, Tensor: c.Means}}
}

// readConfidence returns the confidence of a file; nil where there is none.
func readConfidence(f *safetensors.File, metadata map[string]string) (*Confidence, error) {
	var c *Confidence
	if err := decodeIfThere(metadata, keyConfidence, &c); err != nil || c == nil {
		return nil, err
	}
	for _, name := range f.Names() {
		if name == meansEntry {
			var err error
			if c.Means, err = f.Tensor(name); err != nil {
				return nil, err
			}
		}
	}
	return c, nil
}

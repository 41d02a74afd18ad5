package gate

// Limits are how much worse a candidate may be, and what no model may be.
type Limits struct {
	// Greatest losses of scores between 0 and 1.
	Accuracy     float64 `json:"accuracy"`
	MacroF1      float64 `json:"macro_f1"`
	MeanIoU      float64 `json:"mean_iou"`
	Faithfulness float64 `json:"faithfulness"` // of insertion less deletion
	Text         float64 `json:"text"`         // of each score of sentences
	// Greatest factors.
	Latency float64 `json:"latency"`
	Size    float64 `json:"size"`
	// Scrambled is the greatest rank correlation of maps with those of the same network
	// with scrambled weights.
	Scrambled float64 `json:"scrambled"`
	// Collapse is the share of its recall that a class may lose; classes with fewer than
	// CollapsePhotos photos are not looked at.
	Collapse       float64 `json:"collapse"`
	CollapsePhotos int     `json:"collapse_photos"`
}

// DefaultLimits returns the limits that a gate has unless it is told otherwise.
func DefaultLimits() Limits {
	return Limits{
		Accuracy: 0.01, MacroF1: 0.02, MeanIoU: 0.02, Faithfulness: 0.05, Text: 0.03,
		Latency: 1.5, Size: 1.5, Scrambled: 0.5, Collapse: 0.5, CollapsePhotos: 3,
	}
}

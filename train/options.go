package train

import (
	"errors"
	"fmt"
	"time"

	"megl-edge/train/data"
	"megl-edge/train/loss"
)

// Options of [NewTrainer]. What changes the result is written to checkpoints.
type Options struct {
	Epochs int `json:"epochs"`
	Batch  int `json:"batch"` // photos whose gradients make one step
	// Parts is into how many equal parts a batch is cut, computed one after the
	// other, which takes less memory.
	Parts int `json:"parts"`

	Optimizer string  `json:"optimizer"` // sgd or adamw
	Rate      float32 `json:"rate"`      // learning rate
	HeadRate  float32 `json:"head_rate"` // factor on it for the last layer; 0: 1
	Decay     float32 `json:"decay"`     // of weights
	Warmup    float64 `json:"warmup"`    // epochs of growing learning rate
	Clip      float64 `json:"clip"`      // greatest norm of the gradients; 0: no limit
	Average   float32 `json:"average"`   // decay of the moving average of weights; 0: none

	Smoothing    float32 `json:"smoothing"`     // share of a label that goes to all classes alike
	ClassWeights bool    `json:"class_weights"` // rare classes count more, so that all count alike

	Losses          loss.Losses   `json:"losses"`
	PriorPerClass   bool          `json:"prior_per_class"`
	ConstantWeights bool          `json:"constant_weights"` // see StepOptions
	ThroughFeatures bool          `json:"through_features"` // likewise
	MaskShare       float64       `json:"mask_share"`       // share of the photos whose masks are used; 0: all
	Augment         *data.Augment `json:"augment"`
	Seed            uint64        `json:"seed"`

	// Patience is after how many epochs without a better validation training ends; 0:
	// never.
	Patience int `json:"patience"`
	// Strict ends training on a row that cannot be used and on a loss that is not
	// finite; otherwise they are counted and skipped.
	Strict bool `json:"strict"`

	Threads     int   `json:"-"`
	MemoryLimit int   `json:"-"`
	Workers     int   `json:"-"` // photos decoded at a time
	Checkpoint  Saves `json:"-"`
}

// Saves says where and how often a run is kept.
type Saves struct {
	Path  string // empty: nowhere
	Steps int    // after so many steps; 0: not for that
	Every time.Duration
}

// DefaultOptions train well on a few thousand photos.
func DefaultOptions() Options {
	augment := data.DefaultAugment
	return Options{
		Epochs: 10, Batch: 16, Parts: 1,
		Optimizer: "adamw", Rate: 5e-4, HeadRate: 5, Decay: 0.02, Warmup: 0.5, Clip: 5, Average: 0,
		Smoothing: 0.1, MaskShare: 1, Augment: &augment, Seed: 1,
		Losses: loss.Losses{Visual: loss.L1},
	}
}

func (o *Options) check() error {
	switch {
	case o.Epochs < 1:
		return fmt.Errorf("%d epochs, want at least 1", o.Epochs)
	case o.Batch < 1 || o.Parts < 1 || o.Batch%o.Parts != 0:
		return fmt.Errorf("a batch of %d photos in %d parts: want a multiple of the parts", o.Batch, o.Parts)
	case !(o.Rate > 0) || !(o.Decay >= 0) || !(o.Warmup >= 0) || !(o.Clip >= 0) || !(o.HeadRate >= 0):
		return errors.New("learning rate, decay, warm-up and clipping must be numbers from 0 on, the rate above 0")
	case !(o.Average >= 0 && o.Average < 1) || !(o.Smoothing >= 0 && o.Smoothing < 1):
		return errors.New("the decay of the average and label smoothing must lie from 0 to below 1")
	case !(o.MaskShare >= 0 && o.MaskShare <= 1):
		return fmt.Errorf("a share of %v of the masks, want 0 to 1", o.MaskShare)
	}
	return nil
}

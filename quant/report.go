package quant

import "megl-edge/gradcam/render"

// Report compares an int8 model with the float model it was made of.
type Report struct {
	Model  string `json:"model"`  // file name of the float model
	Method string `json:"method"` // how ranges were chosen
	// Calibration and Photos are how many photos the ranges were chosen on, and
	// how many both models were compared on: others, where there were others.
	Calibration int `json:"calibration_photos"`
	Photos      int `json:"compared_photos"`

	Agreement    float64 `json:"agreement"`     // share of photos with the same most likely class
	LogitsCosine float64 `json:"logits_cosine"` // mean over photos
	// Of the heat maps: the mean Spearman rank correlation, and the median
	// intersection over union at half of the maximum. Both are 0 for models
	// without a map.
	HasMaps        bool    `json:"has_maps"`
	MapCorrelation float64 `json:"map_correlation"`
	MapIoU         float64 `json:"map_iou"`

	BytesBefore        int     `json:"bytes_before"` // of the model files
	BytesAfter         int     `json:"bytes_after"`
	MillisecondsBefore float64 `json:"milliseconds_before"` // a photo, median, measured here
	MillisecondsAfter  float64 `json:"milliseconds_after"`
	Threads            int     `json:"threads"`

	// Layers are ranked by what they alone cost, the worst first.
	Layers []LayerReport `json:"layers"`
	// Advice is one plain sentence on what to do.
	Advice string `json:"advice"`

	Examples []Example `json:"-"`
}

// LayerReport is what quantizing one layer does.
type LayerReport struct {
	Name string `json:"name"`
	Op   string `json:"op"`
	// SignalToNoise is that of the layer's result when the whole model is
	// quantized, in decibels; Cosine is between its result in both models.
	SignalToNoise float64 `json:"signal_to_noise_db"`
	Cosine        float64 `json:"cosine"`
	// Loss is the share of photos whose class changes when this layer alone is
	// quantized; LogitsError is how far its logits then move, relative to their
	// size, which ranks layers that change no class.
	Loss        float64 `json:"agreement_loss_alone"`
	LogitsError float64 `json:"logits_error_alone"`
	Float       bool    `json:"float"` // kept float
}

// Example is one photo with the answer and the heat map of both models.
type Example struct {
	Name                  string
	PNG                   []byte // the part of the photo that the models see
	FloatLabel, Int8Label string
	FloatScore, Int8Score float32 // probability of the label
	FloatMap, Int8Map     render.Map
	Correlation, MapUnion float64
}

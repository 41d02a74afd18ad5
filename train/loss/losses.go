package loss

import (
	"errors"
	"fmt"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

// The inputs that [Losses.Build] adds to a graph, for a batch of N photos, float32
// but for the class.
const (
	TargetInput       = "loss.target"             // [N × classes]: see Prediction
	ClassInput        = "loss.class"              // int32 [N]: what a map explains, −1 for the most likely class
	MaskInput         = "loss.mask"               // [N × height × width] in [0,1], the mask averaged over each cell
	MaskWeightInput   = "loss.mask_weight"        // [N]: 0 without a mask
	ToldInput         = "loss.told"               // int32 [N]: the class that a decoder is told, or one more for none
	PriorInput        = "loss.prior"              // [N × height × width], distributions
	ConsistencyInput  = "loss.consistency_weight" // [N]: 0 with a mask, or where there is no prior
	TokensInput       = "loss.tokens"             // int32 [N × length]: what the sentences say
	TokenWeightInput  = "loss.token_weight"       // [N × length]: 0 behind the end, and without a sentence
	LearnedBlurFilter = "loss.blur"               // [1 × 3 × 3 × 1], of RES-L: a weight to be trained
)

// The outputs, scalars: the loss and its terms before λ.
const (
	TotalOutput       = "loss.total"
	PredictionOutput  = "loss.prediction"
	VisualOutput      = "loss.visual"
	ConsistencyOutput = "loss.consistency"
	TextualOutput     = "loss.textual"
)

// Losses says what is minimised:
//
//	prediction + LambdaTextual·textual + LambdaVisual·(visual + consistency)
//
// where a photo with mask brings the visual term and one without, if Consistency
// is set, the one after it (MEGL, "Objective").
type Losses struct {
	Visual        Visual
	LambdaVisual  float32 // 0: maps are not compared
	Consistency   bool    // whether photos without a mask are held to the prior
	LambdaTextual float32 // 0: nothing is said
}

// Explains tells whether the loss needs heat maps.
func (l Losses) Explains() bool { return l.Compares() || l.Speaks() }

// Compares tells whether heat maps are compared with masks.
func (l Losses) Compares() bool { return l.LambdaVisual != 0 }

// Speaks tells whether sentences are compared with those of the photos.
func (l Losses) Speaks() bool { return l.LambdaTextual != 0 }

// LearnedBlur tells whether the loss has a weight of its own, and returns its
// first value.
func (l Losses) LearnedBlur() (start []float32, ok bool) {
	return gaussian, l.Compares() && l.Visual == RESL
}

// Explainer appends what losses ask for.
type Explainer struct {
	// Draw returns the heat maps of the classes in ClassInput.
	Draw func(class graph.ID) (saliency graph.ID, err error)
	// Say returns what a decoder expects at every place of the sentences, [N × length ×
	// vocabulary], of the tokens that stand there, where it is told some classes.
	Say func(told, saliency, tokens graph.ID) (logits graph.ID, err error)
	// Length is that of the sentences.
	Length int
}

// Build appends the losses of a batch and declares their inputs and outputs. It
// returns the total.
func (l Losses) Build(b *graph.Builder, logits graph.ID, by Explainer) (graph.ID, error) {
	shape := b.Shape(logits)
	if b.Err() != nil {
		return 0, b.Err()
	}
	target := b.Input(TargetInput, tensor.Type{DType: tensor.Float32, Shape: shape})
	if !l.Explains() {
		total := Prediction(b, logits, target)
		b.Output(PredictionOutput, total)
		b.Output(TotalOutput, total)
		return total, b.Err()
	}
	if err := l.check(); err != nil {
		return 0, err
	}
	class := b.Input(ClassInput, tensor.Type{DType: tensor.Int32, Shape: shape[:1]})
	saliency, err := by.Draw(class)
	if err != nil {
		return 0, err
	}
	total, err := l.compare(b, crossEntropy(b, logits, target), saliency, l.wrong(b, logits, target))
	if err == nil && l.Speaks() {
		total, err = l.speak(b, total, saliency, by)
	}
	b.Output(TotalOutput, total)
	return total, errors.Join(err, b.Err())
}

func (l Losses) check() error {
	for name, lambda := range map[string]float32{"visual": l.LambdaVisual, "textual": l.LambdaTextual} {
		if !(lambda >= 0) {
			return fmt.Errorf("the %s loss counts %v times, want a number from 0 on", name, lambda)
		}
	}
	if !l.Compares() {
		return nil
	}
	return l.Visual.Check()
}

// speak adds what the sentences lack.
func (l Losses) speak(b *graph.Builder, total, saliency graph.ID, by Explainer) (graph.ID, error) {
	photos := b.Shape(saliency)[:1]
	shape := append(photos.Clone(), by.Length)
	told := b.Input(ToldInput, tensor.Type{DType: tensor.Int32, Shape: photos})
	tokens := b.Input(TokensInput, tensor.Type{DType: tensor.Int32, Shape: shape})
	weights := b.Input(TokenWeightInput, tensor.Type{DType: tensor.Float32, Shape: shape})
	logits, err := by.Say(told, saliency, tokens)
	if err != nil {
		return 0, err
	}
	textual := Textual(b, logits, tokens, weights)
	b.Output(TextualOutput, textual)
	return b.Add(total, b.Mul(textual, b.Scalar(l.LambdaTextual))), nil
}

// wrong returns 1 for photos whose most likely class is not the one asked for, [N].
func (l Losses) wrong(b *graph.Builder, logits, target graph.ID) graph.ID {
	if l.Visual != GRADIA {
		return graph.None
	}
	logits = b.Apply(graph.OpStopGradient, "", nil, logits)
	same := b.Apply(graph.OpEqual, "", nil, b.Apply(graph.OpArgMax, "", nil, logits), b.Apply(graph.OpArgMax, "", nil, target))
	return b.Apply(graph.OpCast, "", graph.Cast{DType: tensor.Float32}, b.Apply(graph.OpNot, "", nil, same))
}

// compare puts prediction and heat maps together; entropy is that of every photo.
func (l Losses) compare(b *graph.Builder, entropy, saliency, wrong graph.ID) (graph.ID, error) {
	shape := b.Shape(saliency)
	if b.Err() != nil {
		return 0, b.Err()
	}
	if !l.Compares() {
		prediction := sum(b, "loss/prediction", entropy)
		b.Output(PredictionOutput, prediction)
		return prediction, nil
	}
	input := func(name string, s tensor.Shape) graph.ID {
		return b.Input(name, tensor.Type{DType: tensor.Float32, Shape: s})
	}
	mask, weight := input(MaskInput, shape), input(MaskWeightInput, shape[:1])
	visual := b.Mul(weight, l.visual(b, saliency, mask))
	if l.Visual == GRADIA {
		entropy, visual = l.gradia(b, entropy, visual, weight, wrong, saliency, mask)
	}
	prediction := sum(b, "loss/prediction", entropy)
	explanation := sum(b, "loss/visual", visual)
	b.Output(PredictionOutput, prediction)
	b.Output(VisualOutput, explanation)
	if l.Consistency {
		q, w := input(PriorInput, shape), input(ConsistencyInput, shape[:1])
		kept := sum(b, "loss/consistency", b.Mul(w, consistency(b, saliency, q)))
		b.Output(ConsistencyOutput, kept)
		explanation = b.Add(explanation, kept)
	}
	return b.Add(prediction, b.Mul(explanation, b.Scalar(l.LambdaVisual))), b.Err()
}

func sum(b *graph.Builder, name string, x graph.ID) graph.ID {
	return b.Apply(graph.OpReduceSum, name, graph.Reduce{Axes: []int{0}}, x)
}

// visual returns the explanation loss of every photo, [N].
func (l Losses) visual(b *graph.Builder, m, f graph.ID) graph.ID {
	switch l.Visual {
	case HAICS:
		return haics(b, m, f)
	case RESG:
		filter := b.Constant("gaussian", tensor.Must(tensor.Of(tensor.Shape{1, 3, 3, 1}, gaussian)))
		return res(b, m, f, blur(b, f, filter, false))
	case RESL:
		filter := b.Input(LearnedBlurFilter, tensor.Type{DType: tensor.Float32, Shape: tensor.Shape{1, 3, 3, 1}})
		return res(b, m, f, blur(b, f, filter, true))
	}
	return difference(b, m, f)
}

// gradiaReasonable is the mean difference below which a map counts as reasonable.
const gradiaReasonable = 0.25

// gradia weighs prediction and explanation of every photo with a mask: (1, 1)
// where both are bad, (0.4, 1.6) where only the map is, (0.8, 0.2) where only the
// prediction is, and (1, 0) where neither is. The other photos keep theirs.
func (l Losses) gradia(b *graph.Builder, entropy, visual, weight, wrong, m, f graph.ID) (graph.ID, graph.ID) {
	annotated := greater(b, weight, b.Scalar(0))
	odd := b.Mul(annotated, greater(b, b.Apply(graph.OpStopGradient, "", nil, difference(b, m, f)), b.Scalar(gradiaReasonable)))
	right := b.Sub(b.Scalar(1), wrong)
	reasonable := b.Sub(annotated, odd)
	less := b.Add(b.Mul(b.Mul(right, odd), b.Scalar(0.6)), b.Mul(b.Mul(wrong, reasonable), b.Scalar(0.2)))
	share := b.Add(odd, b.Add(b.Mul(b.Mul(right, odd), b.Scalar(0.6)), b.Mul(b.Mul(wrong, reasonable), b.Scalar(0.2))))
	return b.Mul(entropy, b.Sub(b.Scalar(1), less)), b.Mul(visual, share)
}

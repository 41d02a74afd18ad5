package experiment

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"megl-edge/train/loss"
)

// Arm is one of the ways to train that are compared.
type Arm struct {
	Name            string
	Losses          loss.Losses
	ConstantWeights bool // see train.StepOptions
	ThroughFeatures bool // likewise
	// Seeds is how many runs of it are made at most; 0: as many as of others.
	Seeds int
}

const (
	plainArm       = "none"     // class labels alone, or with sentences
	textArm        = "text"     // sentences count, as much as maps
	consistencyArm = "vedc"     // photos without a mask are held to the prior
	constantArm    = "constant" // the weights of a map's channels are constants
	featuresArm    = "features" // sentences reach the classifier through the features, too
)

// Ablation returns the ways to train that the paper compares (MEGL, table 4), with
// what all but the first and the last but one, MEGL itself, are given fewer seeds: no
// explanations, maps, sentences, both, and all with VEDC; and MEGL with the weights of
// a map's channels as constants.
func Ablation(lambdaVisual, lambdaTextual float32, seedsOfOthers int) []Arm {
	maps := loss.Losses{Visual: loss.L1, LambdaVisual: lambdaVisual}
	sentences := loss.Losses{LambdaTextual: lambdaTextual}
	both := maps
	both.LambdaTextual = lambdaTextual
	all := both
	all.Consistency = true
	return []Arm{
		{Name: plainArm},
		{Name: "visual", Losses: maps, Seeds: seedsOfOthers},
		{Name: "text", Losses: sentences, Seeds: seedsOfOthers},
		{Name: "visual+text", Losses: both, Seeds: seedsOfOthers},
		{Name: "all (MEGL)", Losses: all},
		{Name: "all, constant weights", Losses: all, ConstantWeights: true, Seeds: seedsOfOthers},
	}
}

// ParseArms reads a list of arms, separated by commas: "none", or the name of a
// visual loss, with "+vedc", "+constant", "+text" or "+features" behind it, and "=λ" where it is
// not to be the given one. The first is what the others are compared with.
func ParseArms(list string, lambda float32) ([]Arm, error) {
	var arms []Arm
	seen := map[string]bool{}
	for text := range strings.SplitSeq(list, ",") {
		arm, err := parseArm(strings.TrimSpace(text), lambda)
		if err != nil {
			return nil, err
		}
		if seen[arm.Name] {
			return nil, fmt.Errorf("%q occurs twice", arm.Name)
		}
		seen[arm.Name] = true
		arms = append(arms, arm)
	}
	return arms, nil
}

func parseArm(text string, lambda float32) (Arm, error) {
	arm := Arm{Name: text}
	text, factor, given := strings.Cut(text, "=")
	if given {
		value, err := strconv.ParseFloat(factor, 32)
		if err != nil || !(value > 0) {
			return arm, fmt.Errorf("%.40q: λ must be a number above 0", arm.Name)
		}
		lambda = float32(value)
	}
	parts := strings.Split(text, "+")
	plain := parts[0] == plainArm
	if !plain {
		arm.Losses = loss.Losses{Visual: loss.Visual(parts[0]), LambdaVisual: lambda}
		if err := arm.Losses.Visual.Check(); err != nil {
			return arm, fmt.Errorf("%.40q: %w, or %s", arm.Name, err, plainArm)
		}
	}
	for _, part := range parts[1:] {
		switch {
		case part == textArm:
			arm.Losses.LambdaTextual = lambda
		case part == consistencyArm && !plain:
			arm.Losses.Consistency = true
		case part == constantArm && (!plain || arm.Losses.Speaks()):
			arm.ConstantWeights = true
		case part == featuresArm && arm.Losses.Speaks():
			arm.ThroughFeatures = true
		default:
			return arm, fmt.Errorf("%.40q: %q cannot stand there; want +%s, +%s or +%s behind a loss, +%s behind %s, +%s behind +%s", arm.Name, part, consistencyArm, constantArm, textArm, textArm, plainArm, featuresArm, textArm)
		}
	}
	if arm.Losses.Explains() && !(lambda > 0) {
		return arm, errors.New("λ must be a number above 0")
	}
	if given && !arm.Losses.Explains() {
		return arm, fmt.Errorf("%.40q: λ counts nothing there", arm.Name)
	}
	return arm, nil
}

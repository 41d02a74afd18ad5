package html

import (
	"fmt"

	"megl-edge/quant"
)

// fact is one figure of the summary.
type fact struct {
	Name, Value, Note string
	Before            string // value of the float model, where there is one
}

func summary(r *quant.Report) []fact {
	agreement, cosine := percent(r.Agreement, 1), decimal(r.LogitsCosine, 4)
	if r.Photos == 0 {
		agreement, cosine = none, none
	}
	facts := []fact{
		{Name: "Same class", Value: agreement, Note: "of the photos, by both models"},
		{Name: "Logits: cosine", Value: cosine, Note: "mean over photos; 1 is the same"},
	}
	if r.HasMaps {
		facts = append(facts,
			fact{Name: "Maps: rank correlation", Value: decimal(r.MapCorrelation, 2), Note: "mean over photos; 1 is the same"},
			fact{Name: "Maps: overlap (IoU)", Value: decimal(r.MapIoU, 2), Note: "at half of the maximum, median"})
	}
	return append(facts,
		fact{Name: "Model file", Before: known(size(r.BytesBefore)), Value: size(r.BytesAfter), Note: shrinkage(r)},
		fact{Name: "Time a photo", Before: known(milliseconds(r.MillisecondsBefore)), Value: milliseconds(r.MillisecondsAfter), Note: speed(r)},
		fact{Name: "Photos compared", Value: fmt.Sprint(r.Photos), Note: "ranges chosen on " + fmt.Sprint(r.Calibration)},
		fact{Name: "Method", Value: orNone(r.Method), Note: "how ranges were chosen"})
}

func shrinkage(r *quant.Report) string {
	return change(float64(r.BytesBefore), float64(r.BytesAfter), "smaller", "larger")
}

// speed says how much faster the int8 model is, and on how many threads.
func speed(r *quant.Report) string {
	text := change(r.MillisecondsBefore, r.MillisecondsAfter, "faster", "slower")
	switch {
	case r.Threads <= 0:
		return text
	case text == "":
		return count(r.Threads, "thread")
	}
	return text + ", " + count(r.Threads, "thread")
}

// known returns a number that there is, or empty text.
func known(number string) string {
	if number == none {
		return ""
	}
	return number
}

func orNone(text string) string {
	if text == "" {
		return none
	}
	return text
}

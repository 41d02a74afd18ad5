package html

import (
	"fmt"
	"math"
	"strings"
)

// none stands for a number that there is not.
const none = "–"

// unit is a space that keeps a number and its unit on one line.
const unit = "\u00a0"

// decimal writes v with that many digits after the point.
func decimal(v float64, digits int) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return none
	}
	text := fmt.Sprintf("%.*f", digits, math.Abs(v))
	if v < 0 && strings.Trim(text, "0.") != "" {
		return "−" + text
	}
	return text
}

// percent writes a share, 1 as 100 %.
func percent(v float64, digits int) string {
	if text := decimal(100*v, digits); text != none {
		return text + unit + "%"
	}
	return none
}

// count writes n and what is counted, in the singular for 1.
func count(n int, of string) string {
	if n == 1 {
		return "1 " + of
	}
	return fmt.Sprintf("%d %ss", n, of)
}

// size writes a number of bytes in a unit that suits it.
func size(bytes int) string {
	v := float64(bytes)
	switch {
	case bytes <= 0:
		return none
	case v < 1e3:
		return decimal(v, 0) + unit + "B"
	case v < 1e6:
		return decimal(v/1e3, 1) + unit + "kB"
	}
	return decimal(v/1e6, 1) + unit + "MB"
}

// milliseconds writes a time with about three digits.
func milliseconds(v float64) string {
	digits := 1
	switch {
	case !(v > 0) || math.IsInf(v, 0):
		return none
	case v < 1:
		digits = 3
	case v < 10:
		digits = 2
	}
	return decimal(v, digits) + unit + "ms"
}

// change says by what factor after is less than before, or more; empty where
// that cannot be said.
func change(before, after float64, less, more string) string {
	factor, word := before/after, less
	if after > before {
		factor, word = after/before, more
	}
	text := decimal(factor, 1)
	switch {
	case !(before > 0 && after > 0) || text == none:
		return ""
	case text == "1.0":
		return "about the same"
	}
	return text + "× " + word
}

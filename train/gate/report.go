package gate

import (
	"fmt"
	"strings"
)

// Report is what a gate found.
type Report struct {
	Passed       bool    `json:"passed"`
	Golden       string  `json:"golden"`
	GoldenSHA256 string  `json:"golden_sha256"` // see [data.Dataset.Sum]
	Photos       int     `json:"photos"`
	Limits       Limits  `json:"limits"`
	Checks       []Check `json:"checks"`
}

// Check is one comparison. Current is nil where there is no current model, or where it
// has no such score.
type Check struct {
	Name      string   `json:"name"`
	Current   *float64 `json:"current"`
	Candidate *float64 `json:"candidate"`
	// Bound is the least, or where Most is set the greatest, that the candidate may have.
	Bound  *float64 `json:"bound"`
	Most   bool     `json:"most,omitempty"`
	Passed bool     `json:"passed"`
	Reason string   `json:"reason,omitempty"` // why it did not pass
}

// Reasons returns why a candidate was refused, as one line.
func (r *Report) Reasons() string {
	var reasons []string
	for _, c := range r.Checks {
		if !c.Passed {
			reasons = append(reasons, c.Reason)
		}
	}
	return strings.Join(reasons, "; ")
}

func (r *Report) add(c Check) {
	r.Checks = append(r.Checks, c)
	r.Passed = r.Passed && c.Passed
}

// notWorse checks a score that may fall, or with most rise, by margin. A current model
// without the score asks nothing; a candidate without one that the current model has fails.
func (r *Report) notWorse(name string, current, candidate *float64, margin float64, most bool) {
	if current == nil {
		return
	}
	sign := 1.0
	if most {
		sign = -1
	}
	bound := *current - sign*margin
	c := Check{Name: name, Current: current, Candidate: candidate, Bound: &bound, Most: most}
	switch {
	case candidate == nil:
		c.Reason = fmt.Sprintf("%s: the candidate has none, the current model has %.3f", name, *current)
	case sign*(*candidate-bound) < 0 || *candidate != *candidate:
		c.Reason = fmt.Sprintf("%s %.3f, the current model has %.3f and %.3f is the limit", name, *candidate, *current, bound)
	default:
		c.Passed = true
	}
	r.add(c)
}

// atMost checks a value against a bound of its own.
func (r *Report) atMost(name string, current *float64, candidate, bound float64, reason string) {
	c := Check{Name: name, Current: current, Candidate: &candidate, Bound: &bound, Most: true, Passed: candidate <= bound}
	if !c.Passed {
		c.Reason = reason
	}
	r.add(c)
}

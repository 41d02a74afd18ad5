// Package predictionlog keeps account of what a model said, for audits. Predictions flow
// in and become lines of a file that is only ever appended to. Each line names the one
// before by its hash, so that a line that was changed, taken out or put in is found.
package predictionlog

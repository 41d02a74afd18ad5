// Package experiment trains the same network in several ways, each with several
// seeds, and says which differences are more than chance. A data set, a model and
// arms go in; a file with the scores of every run comes out, which an interrupted
// experiment goes on from, and a comparison of the arms seed by seed.
package experiment

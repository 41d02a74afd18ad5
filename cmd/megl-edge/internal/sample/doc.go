// Package sample draws the picture that the README explains: no photo of anybody, so
// that it can lie in the repository. Nothing goes in; pixels come out, the same on
// every processor.
package sample

// Package kerneltest is the harness of every kernel test: it runs a kernel at
// each level this processor offers, with its slices at awkward places in
// memory, and compares the results with those of the reference, bit for bit.
package kerneltest

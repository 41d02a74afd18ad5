// Package calibration chooses how real numbers become int8: of activations from
// what an [Observer] sees of them over many photos, of weights from themselves.
//
// Values flow in as a stream and are kept in a histogram of fixed size, whose
// bins do not depend on the order of the values or on how they are cut into
// calls; scales and zero points flow out, the same on every machine.
package calibration

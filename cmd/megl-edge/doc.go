// Command megl-edge classifies images on the device and says why.
//
// It is the only place of this module that prints, logs and exits. Each
// subcommand has a file of its own; results go to standard output, as text or
// with --json as one object a line, and everything else to standard error.
package main

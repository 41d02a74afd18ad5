// Package script runs Tengo scripts within limits. A script and the modules it may import
// flow in; what flows out is what the script prints, and an error with the script's line
// and column.
//
// A script reaches nothing but its modules: no network, no programs, and files only in the
// folders of a [Sandbox]. It is stopped when it makes too many objects, too long texts,
// takes too much memory or time, or when its context ends. Two things cannot be stopped
// from within a Go program: a stack that overflows and memory that runs out in a
// single operation. Whoever runs scripts that may be hostile runs them in a process of
// their own, as `megl-edge run` does.
package script

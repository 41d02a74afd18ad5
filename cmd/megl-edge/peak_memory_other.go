//go:build !linux

package main

// peakMemory returns 0: only Linux tells simply.
func peakMemory() float64 { return 0 }

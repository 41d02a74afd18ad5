//go:build !race

package main

// raceDetected tells whether the race detector slows the tests down.
const raceDetected = false

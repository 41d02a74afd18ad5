package main

import (
	"math"

	"megl-edge/gradcam/render/internal/oklab"
)

// The helix: lightness rises linearly while hue walks along an arc of a circle
// in the a-b plane, at constant speed. Both parts of a step are then equal all
// the way, and so is the step. The figures were found by search: among the arcs
// from violet-blue by magenta and orange to yellow that stay inside sRGB this is
// close to the longest, and a longer arc tells more levels apart.
const (
	darkest, lightest = 0.26, 0.95
	centreA, centreB  = 0, -0.01
	radius            = 0.155
	firstDegree       = -90.0
	lastDegree        = 110.0
)

// helix returns the colour at t in [0,1].
func helix(t float64) oklab.Lab {
	angle := (firstDegree + (lastDegree-firstDegree)*t) * math.Pi / 180
	return oklab.Lab{
		L: darkest + (lightest-darkest)*t,
		A: centreA + radius*math.Cos(angle),
		B: centreB + radius*math.Sin(angle),
	}
}

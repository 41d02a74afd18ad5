// Package device reads how a machine is doing: heat, load, memory and battery. What flows
// out is what Linux says in /proc and /sys; elsewhere, and where a machine has no such
// sensor, nothing is known.
package device

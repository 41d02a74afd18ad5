// Colourgen writes the table of the dawn colour map as Go source to the file
// that it is given. It may use math functions, because the committed table, and
// not this program, is the definition of the map. Run it by go generate in
// package render.
package main

// Package oklab converts between sRGB and Oklab, a colour space in which equal
// distances look about equally large. Only the generator of the colour tables
// and the tests use it: it calls math functions whose last bit differs between
// processors, so nothing on the way to a result may import it.
package oklab

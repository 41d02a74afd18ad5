package render

var jetColours = jet()

// jet builds the classical ramps: each channel is 1.5 − |4v − peak|, clamped to
// [0,1], with its peak at v = ¾ for red, ½ for green and ¼ for blue; v is
// level/255, and the result is scaled to 255 and rounded half up.
func jet() (table colours) {
	for level := range table {
		for channel, peak := range [3]int{3 * 255, 2 * 255, 255} {
			table[level][channel] = ramp(4*level - peak)
		}
	}
	return table
}

// ramp returns 255·1.5 rounded up, less the offset from the peak, as a byte.
func ramp(offset int) uint8 {
	return uint8(min(max(383-max(offset, -offset), 0), 255))
}

package kernels

import (
	"megl-edge/kernels/asm"
)

// QuantizeF32S8 returns the task of y = quantize(x / scale), the quotient
// rounded once.
func QuantizeF32S8(y []int8, x []float32, scale float32, output asm.OutputS8) Task {
	return Rows(len(y), 1<<14, func(first, last int) { asm.QuantizeF32S8(y[first:last], x[first:last], scale, output) })
}

// DequantizeS8F32 returns the task of y = (x − zero)·scale.
func DequantizeS8F32(y []float32, x []int8, scale float32, zero int32) Task {
	return Rows(len(y), 1<<14, func(first, last int) { asm.DequantizeS8F32(y[first:last], x[first:last], scale, zero) })
}

// Dequantize returns the task of y = (x − zero)·scale, with one scale and zero
// point for each index of the middle of [outer × channels × inner].
func Dequantize[T int8 | int32](y []float32, x []T, channels, inner int, scale []float32, zero []int32) Task {
	return Rows(len(y), 1<<13, func(first, last int) {
		for first < last {
			run := first / inner
			end := min(last, (run+1)*inner)
			s, z := scale[run%channels], zero[run%channels]
			for i, v := range x[first:end] {
				y[first+i] = float32(int32(v)-z) * s
			}
			first = end
		}
	})
}

// Table is a function of one int8 value: entry i is that of i − 128.
type Table [256]int8

// LookupS8 returns the task of y[i] = table[x[i]].
func LookupS8(y, x []int8, table *Table) Task {
	return Rows(len(y), 1<<14, func(first, last int) {
		for i, v := range x[first:last] {
			y[first+i] = table[int(v)+128]
		}
	})
}

// LookupPixels returns the task of y[i] = tables[channel][x[i]] for interleaved
// uint8 pixels: what normalisation and quantization make of the 256 values of
// each channel.
func LookupPixels(y []int8, x []uint8, tables [][256]int8) Task {
	channels := len(tables)
	return Rows(len(y)/channels, 1<<12, func(first, last int) {
		for c := range tables {
			table := &tables[c]
			for i := first*channels + c; i < last*channels; i += channels {
				y[i] = table[x[i]]
			}
		}
	})
}

// NormalizePixels returns the task of y = (x − mean)/std for interleaved uint8
// pixels with one mean and standard deviation for each channel: one subtraction
// and one division, each rounded.
func NormalizePixels(y []float32, x []uint8, mean, std []float32) Task {
	channels := len(mean)
	values := make([][256]float32, channels) // of every channel
	for c := range values {
		for v := range values[c] {
			values[c][v] = (float32(v) - mean[c]) / std[c]
		}
	}
	return Rows(len(y)/channels, 1<<12, func(first, last int) {
		from, to := x[first*channels:last*channels], y[first*channels:last*channels]
		for len(from) > 0 {
			for c := range values {
				to[c] = values[c][from[c]]
			}
			from, to = from[channels:], to[channels:]
		}
	})
}

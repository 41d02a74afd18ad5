// Package html writes a quantization report as one page that needs nothing else:
// no script, no font and no picture from elsewhere. A [quant.Report] flows in,
// bytes of HTML flow out, the same for the same report.
package html

//go:build (!amd64 && !arm64) || purego

package asm

// Builds without assembly run the references, or what is tuned after them.

func gemmS8(c []int32, ldc int, a []int16, lda int, b []int8, m, k int) {
	gemmS8Portable(c, ldc, a, lda, b, m, k)
}

func gemmF32(c []float32, ldc int, start []float32, lds int, a []float32, lda int, b []float32, m, k int) {
	gemmF32Portable(c, ldc, start, lds, a, lda, b, m, k)
}

func requantizeS32S8(dst []int8, ldd int, acc []int32, lda int, addend, bias []int32, scale []float32, rows, cols int, out OutputS8) {
	requantizeS32S8Ref(dst, ldd, acc, lda, addend, bias, scale, rows, cols, out)
}

func indirect() bool { return false }

func (p *ProductS8) requantize(dst []int8, ldd int, bias []int32, scale []float32, cols int, out OutputS8) {
	p.requantizeTiles(dst, ldd, bias, scale, cols, out)
}

func (p *ProductS8) dequantize(dst []float32, ldd int, correction []int32, scale, rowScale, bias []float32, cols int) {
	p.dequantizeTiles(dst, ldd, correction, scale, rowScale, bias, cols)
}

func (p *ProductS8) multiply(sums *[GemmS8Rows * GemmS8Cols]int32, first, m int) {
	p.multiplyRef(sums[:], first, m)
}

func widenS8S16(dst []int16, src []int8) {
	widenS8S16Ref(dst, src)
}

func depthwiseS8(acc []int32, r0, r1, r2 []int8, pixels, pixelStep, tapStep, channels int, w []int16) {
	depthwiseS8Portable(acc, r0, r1, r2, pixels, pixelStep, tapStep, channels, w)
}

func depthwiseF32(dst, bias, r0, r1, r2 []float32, pixels, pixelStep, tapStep, channels int, w []float32) {
	depthwiseF32Portable(dst, bias, r0, r1, r2, pixels, pixelStep, tapStep, channels, w)
}

func addS8(dst, a, b []int8, qa, qb OperandS8, out OutputS8) {
	addS8Ref(dst, a, b, qa, qb, out)
}

func addF32(dst, a, b []float32) {
	addF32Ref(dst, a, b)
}

func clampF32(x []float32, lo, hi float32) {
	clampF32Ref(x, lo, hi)
}

func accumulateS8(acc []int32, src []int8) {
	accumulateS8Ref(acc, src)
}

func maxS8(dst, src []int8) {
	maxS8Ref(dst, src)
}

func maxF32(dst, src []float32) {
	maxF32Ref(dst, src)
}

func softmaxF32(dst, src []float32) {
	softmaxF32Ref(dst, src)
}

func sumS8(src []int8) int32 {
	return sumS8Ref(src)
}

func sumF32(src []float32) float32 {
	return sumF32Ref(src)
}

func erfOfF32(y, x []float32) {
	erfOfF32Ref(y, x)
}

func geluOfF32(y, x []float32) {
	geluOfF32Ref(y, x)
}

func logOfF32(y, x []float32) {
	logOfF32Ref(y, x)
}

func tanhOfF32(y, x []float32) {
	tanhOfF32Ref(y, x)
}

func flipS8(dst []byte, src []int8) {
	flipS8Ref(dst, src)
}

func rowMagnitudeF32(src []float32) float32 {
	return rowMagnitudeF32Ref(src)
}

func magnitudesF32(dst, src []float32) {
	magnitudesF32Ref(dst, src)
}

func roundF32S8(dst []int8, src []float32, unit, factor float32) {
	roundF32S8Ref(dst, src, unit, factor)
}

func roundColumnsF32S8(dst []int8, src, factor []float32) {
	roundColumnsF32S8Ref(dst, src, factor)
}

func squaresF32(src []float32, mean float32) float32 {
	return squaresF32Ref(src, mean)
}

func normalizeF32(dst, src, scale, offset []float32, mean, deviation float32) {
	normalizeF32Ref(dst, src, scale, offset, mean, deviation)
}

func interleaveS8(dst []int8, strideDst int, src []int8, strideSrc, panels, step int) {
	interleaveS8Ref(dst, strideDst, src, strideSrc, panels, step)
}

func (d *DepthwiseRowS8) run(dst, r0, r1, r2 []int8, pixels, pixelStep, tapStep int, scratch []int32) {
	d.runInSteps(dst, r0, r1, r2, pixels, pixelStep, tapStep, scratch)
}

func expOfF32(y, x []float32) {
	expOfF32Ref(y, x)
}

func quantizeF32S8(dst []int8, src []float32, scale float32, out OutputS8) {
	quantizeF32S8Ref(dst, src, scale, out)
}

func dequantizeS8F32(dst []float32, src []int8, scale float32, zeroPoint int32) {
	dequantizeS8F32Ref(dst, src, scale, zeroPoint)
}

func (d *DepthwiseTapsS8) run(dst []int8, taps [][]int8, pixels, pixelStep int) {
	d.runPortable(dst, taps, pixels, pixelStep)
}

func depthwiseTapsF32(dst, bias []float32, taps [][]float32, pixels, pixelStep, channels int, w []float32) {
	depthwiseTapsF32Portable(dst, bias, taps, pixels, pixelStep, channels, w)
}

func gemmS16(c []int32, ldc int, a []int16, lda int, b []int16, m, k int) {
	gemmS16Ref(c, ldc, a, lda, b, m, k)
}

func winogradInputS8(v []int16, strideV, strideTile int, src []int8, line, tiles, channels int) {
	winogradInputS8From(0, v, strideV, strideTile, src, line, tiles, channels)
}

func winogradOutputS8(dst *[4][]int8, sums []int32, stride int, bias []int32, scale []float32, out OutputS8) {
	winogradOutputS8Ref(dst, sums, stride, bias, scale, out)
}

func winogradFast() bool { return false }

func clampGradF32(dst, dy, y []float32, lo, hi float32) {
	clampGradF32Ref(dst, dy, y, lo, hi)
}

func addRowF32(dst []float32, a, b RowF32) {
	addRowF32Ref(dst, a, b)
}

func subRowF32(dst []float32, a, b RowF32) {
	subRowF32Ref(dst, a, b)
}

func mulRowF32(dst []float32, a, b RowF32) {
	mulRowF32Ref(dst, a, b)
}

func divRowF32(dst []float32, a, b RowF32) {
	divRowF32Ref(dst, a, b)
}

func transposeF32(dst []float32, ldd int, src []float32, lds, rows, cols int) {
	transposeF32Ref(dst, ldd, src, lds, rows, cols)
}

func accumulateProductsF32(acc, a []float32, lda int, b []float32, ldb, rows int) {
	accumulateProductsF32Ref(acc, a, lda, b, ldb, rows)
}

//go:build (amd64 || arm64) && !purego

package asm

// bounds returns Min and Max as they are before the zero point is added.
func (o OutputS8) bounds() (lo, hi float32) {
	return float32(int32(o.Min) - o.ZeroPoint), float32(int32(o.Max) - o.ZeroPoint)
}

package vision

import (
	"bytes"
	"image"
	"image/color"
	"testing"
)

func TestYCbCrSubsampling(t *testing.T) {
	all, inner := image.Rect(0, 0, 16, 12), image.Rect(3, 2, 14, 11)
	for _, ratio := range []image.YCbCrSubsampleRatio{
		image.YCbCrSubsampleRatio444, image.YCbCrSubsampleRatio422, image.YCbCrSubsampleRatio420,
		image.YCbCrSubsampleRatio440, image.YCbCrSubsampleRatio411, image.YCbCrSubsampleRatio410,
	} {
		m := image.NewYCbCr(all, ratio)
		for i := range m.Y {
			m.Y[i] = uint8(i * 37)
		}
		for i := range m.Cb {
			m.Cb[i], m.Cr[i] = uint8(i*59), uint8(255-i*23)
		}
		sub := m.SubImage(inner).(*image.YCbCr)
		var want, wantLimited []uint8
		for y := inner.Min.Y; y < inner.Max.Y; y++ {
			for x := inner.Min.X; x < inner.Max.X; x++ {
				c := m.YCbCrAt(x, y)
				r, g, b := color.YCbCrToRGB(c.Y, c.Cb, c.Cr)
				want = append(want, r, g, b)
				r, g, b = limitedToRGB(c.Y, c.Cb, c.Cr)
				wantLimited = append(wantLimited, r, g, b)
			}
		}
		if !bytes.Equal(rowsOf(newRowReader(sub, false), inner), want) {
			t.Errorf("%v: pixels differ from YCbCrToRGB", ratio)
		}
		if !bytes.Equal(rowsOf(newRowReader(sub, true), inner), wantLimited) {
			t.Errorf("%v, limited range: wrong pixels", ratio)
		}
	}
}

// Against the definition of BT.601 in exact thousandths, to one level.
func TestLimitedToRGB(t *testing.T) {
	for y := 0; y < 256; y++ {
		for cb := 0; cb < 256; cb += 5 {
			for cr := 0; cr < 256; cr += 5 {
				luma, u, v := 255000*(y-16)/219, cb-128, cr-128
				exact := []uint8{level(luma + 1596*v), level(luma - 392*u - 813*v), level(luma + 2017*u)}
				r, g, b := limitedToRGB(uint8(y), uint8(cb), uint8(cr))
				if !near([]uint8{r, g, b}, exact, 1) {
					t.Fatalf("(%d, %d, %d) gives %v, want %v", y, cb, cr, []uint8{r, g, b}, exact)
				}
			}
		}
	}
	for y, want := range map[uint8]uint8{0: 0, 16: 0, 126: 128, 235: 255, 255: 255} {
		if r, g, b := limitedToRGB(y, 128, 128); r != want || g != want || b != want {
			t.Errorf("gray %d gives %d, %d, %d, want %d", y, r, g, b, want)
		}
	}
}

// level rounds thousandths to a sample.
func level(v int) uint8 { return uint8(max(0, min((v+500)/1000, 255))) }

// near reports whether a and b differ by at most d.
func near(a, b []byte, d int) bool {
	for i := range a {
		if n := int(a[i]) - int(b[i]); n > d || n < -d {
			return false
		}
	}
	return true
}

package vision

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"runtime"
	"testing"
)

// pattern returns a picture of smooth parts and edges, from integers only.
func pattern(width, height int) *Image {
	im := newImage(width, height)
	for i := range im.Pix {
		c, x, y := i%3, i/3%width, i/3/width
		im.Pix[i] = uint8((x*x*3 + y*y*5 + x*y*7 + 80*c) >> 3)
	}
	return im
}

func sum(im *Image) string {
	h := sha256.Sum256(im.Pix)
	return hex.EncodeToString(h[:])
}

// whole is the box of the whole image.
func whole(im *Image) Box { return Box{0, 0, im.Width, im.Height} }

func mustResize(t *testing.T, src *Image, box Box, width, height int, f Filter) *Image {
	t.Helper()
	out, err := Resize(src, box, width, height, f)
	if err != nil {
		t.Fatal(err)
	}
	if out.Width != width || out.Height != height || len(out.Pix) != width*height*3 {
		t.Fatalf("result is %dx%d with %d bytes, want %dx%d", out.Width, out.Height, len(out.Pix), width, height)
	}
	return out
}

// The hashes are of the pixels that Pillow 9.4.0 gives for the same picture:
// Image.frombytes("RGB", (97, 61), pattern).resize((width, height), filter,
// box).
var pillowHashes = []struct {
	box           Box
	width, height int
	filter        Filter
	sha256        string
}{
	{Box{0, 0, 97, 61}, 24, 17, Bilinear, "f9998c97b9ded0be2646478cd13b8afb85db0b40858a2cd2a5d844f717ae8db8"},
	{Box{0, 0, 97, 61}, 24, 17, Bicubic, "4f7fafd87d268441483dd020d81a9153ad83d3267246f4b14b386d2472c9fce0"},
	{Box{0, 0, 97, 61}, 150, 130, Bilinear, "4d8419285a007f4e674ba7157226d8a3b4e18f48796612ff94afa3b4d2a8c953"},
	{Box{0, 0, 97, 61}, 150, 130, Bicubic, "795fafdc2d21659bc0c89dc544acdcdd313add0b60657f0a38cdeb0af6968746"},
	{Box{0, 0, 97, 61}, 150, 10, Bilinear, "b7ff8d8f62587aba71614999f6d630c2b091f4ce7e3514461ac8ab6d261d51e3"},
	{Box{0, 0, 97, 61}, 150, 10, Bicubic, "a4ece4ff2843d1dc3f8a5bda55353c77e2d011f9ba0785d3a08bbc02ffa1b2ec"},
	{Box{0, 0, 97, 61}, 97, 20, Bilinear, "bc0e4cc3a018e8325cec2e7808f872aa7c2921b87df181443a275e90f1d253ba"},
	{Box{0, 0, 97, 61}, 97, 20, Bicubic, "1658521a158763a1cd4642f0f0731aac69d9015e313a44d68ad2d0b184a5e968"},
	{Box{0, 0, 97, 61}, 31, 61, Bilinear, "8e0471d1c4e9376b0c3caba2f111b6cd01d6ca751813bf9113f2da71064d38a2"},
	{Box{0, 0, 97, 61}, 31, 61, Bicubic, "ca6cedf21cb3dfcd05c63d6caf83be5bfd3d6ef6fc2a735d96319bdb64b181cf"},
	{Box{13, 7, 80, 50}, 32, 32, Bilinear, "d61a77927aa00b2ed2a3af33b3d86b3f5daaaf1508e824d4a8f8fbc8d90fa945"},
	{Box{13, 7, 80, 50}, 32, 32, Bicubic, "883132220a0da9bbfe51006c0deeedf7aad788a1a7485d97c9c169ceaf9f23be"},
	{Box{90, 55, 97, 61}, 40, 40, Bilinear, "d2b9439186a0cb6ef977a072abf84cfe186de69d3b37139e964e5084c20d2159"},
	{Box{90, 55, 97, 61}, 40, 40, Bicubic, "6cbb284785ab0c2a6a174052144476f50c87dea62717544c74aca96906d8cec4"},
	{Box{5, 9, 6, 10}, 9, 7, Bilinear, "26c37c9ddb19a6c995c429353b849cf3a8629cbf4d86cdae444c81cec28eb2f9"},
	{Box{5, 9, 6, 10}, 9, 7, Bicubic, "81bc351cf1021309ac7402e28e9178ea283e5ca5fdcf13638e3cc536e8655491"},
	{Box{0, 0, 97, 61}, 3, 2, Bilinear, "7afe3ceab851849b173040d3f28a9d1f2c6826d92304eaeef98d0534653fb31c"},
	{Box{0, 0, 97, 61}, 3, 2, Bicubic, "014306f17e52061c376eee7aaf3bcff90f85b4d4fd48d78bac93250658b881f5"},
}

func TestResizeEqualsPillow(t *testing.T) {
	src := pattern(97, 61)
	if got, want := sum(src), "39aab1b9bacec7af99f3e08bea6e510c8f0ac15fac14b56a29675918ee6147eb"; got != want {
		t.Fatalf("the pattern itself has hash %s, want %s", got, want)
	}
	for _, c := range pillowHashes {
		if got := sum(mustResize(t, src, c.box, c.width, c.height, c.filter)); got != c.sha256 {
			t.Errorf("%v to %dx%d, %s: hash %s, want %s", c.box, c.width, c.height, c.filter, got, c.sha256)
		}
	}
}

func TestResizeToSameSizeIsCopy(t *testing.T) {
	src := pattern(40, 30)
	for _, f := range []Filter{Bilinear, Bicubic} {
		out := mustResize(t, src, whole(src), 40, 30, f)
		if !bytes.Equal(out.Pix, src.Pix) {
			t.Errorf("%s: pixels changed", f)
		}
		out.Pix[0]++
		if out.Pix[0] == src.Pix[0] {
			t.Errorf("%s: result shares memory with its source", f)
		}
		cut := mustResize(t, src, Box{3, 5, 20, 25}, 17, 20, f)
		if !bytes.Equal(cut.Pix, crop(src, Box{3, 5, 20, 25}).Pix) {
			t.Errorf("%s: a box of the result's size is not a plain cut", f)
		}
	}
}

// crop cuts out a box.
func crop(src *Image, b Box) *Image {
	out := newImage(b.X1-b.X0, b.Y1-b.Y0)
	for y := range out.Height {
		copy(out.row(y), src.row(b.Y0 + y)[3*b.X0:])
	}
	return out
}

func TestResizeKeepsConstant(t *testing.T) {
	for _, v := range []uint8{0, 1, 127, 254, 255} {
		src := newImage(37, 23)
		for i := range src.Pix {
			src.Pix[i] = v
		}
		for _, f := range []Filter{Bilinear, Bicubic} {
			for _, size := range [][2]int{{1, 1}, {5, 7}, {36, 24}, {100, 3}, {111, 113}} {
				out := mustResize(t, src, whole(src), size[0], size[1], f)
				if n := bytes.Count(out.Pix, []byte{v}); n != len(out.Pix) {
					t.Errorf("%s to %v: %d of %d bytes are not %d", f, size, len(out.Pix)-n, len(out.Pix), v)
				}
			}
		}
	}
}

// With a scale that is exact in binary, a box gives the same as the whole, cut.
func TestResizeOfBoxIsCutOfWhole(t *testing.T) {
	src := pattern(128, 64)
	for _, f := range []Filter{Bilinear, Bicubic} {
		want := crop(mustResize(t, src, whole(src), 64, 32, f), Box{4, 8, 60, 24})
		got := mustResize(t, src, Box{8, 16, 120, 48}, 56, 16, f)
		if !bytes.Equal(got.Pix, want.Pix) {
			t.Errorf("%s: box and cut differ", f)
		}
	}
}

func TestResizeClampsOvershoot(t *testing.T) {
	src := newImage(2, 1)
	copy(src.Pix, []uint8{0, 0, 0, 255, 255, 255})
	out := mustResize(t, src, whole(src), 16, 1, Bicubic)
	for x := 1; x < 16; x++ {
		if out.Pix[3*x] < out.Pix[3*x-3] {
			t.Fatalf("an edge overshoots and wraps around: %v", out.Pix)
		}
	}
	if out.Pix[0] != 0 || out.Pix[45] != 255 {
		t.Errorf("ends are %d and %d, want 0 and 255", out.Pix[0], out.Pix[45])
	}
}

func TestResizeRefuses(t *testing.T) {
	src := pattern(8, 4)
	for name, c := range map[string]struct {
		src           *Image
		box           Box
		width, height int
		filter        Filter
	}{
		"empty box":      {src, Box{3, 0, 3, 4}, 2, 2, Bilinear},
		"reversed box":   {src, Box{5, 0, 3, 4}, 2, 2, Bilinear},
		"negative box":   {src, Box{-1, 0, 3, 4}, 2, 2, Bilinear},
		"box too wide":   {src, Box{0, 0, 9, 4}, 2, 2, Bilinear},
		"box too high":   {src, Box{0, 0, 8, 5}, 2, 2, Bilinear},
		"no width":       {src, whole(src), 0, 2, Bilinear},
		"negative":       {src, whole(src), 2, -2, Bilinear},
		"too wide":       {src, whole(src), maxSide + 1, 2, Bilinear},
		"unknown filter": {src, whole(src), 2, 2, "lanczos"},
		"no filter":      {src, whole(src), 2, 2, ""},
		"short pixels":   {&Image{8, 4, src.Pix[1:]}, whole(src), 2, 2, Bilinear},
		"no pixels":      {&Image{}, Box{}, 2, 2, Bilinear},
	} {
		if out, err := Resize(c.src, c.box, c.width, c.height, c.filter); err == nil || out != nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// A long narrow picture must not be kept as a second, filtered copy.
func TestResizeMemory(t *testing.T) {
	src := newImage(1, 1<<18)
	got := allocated(func() { mustResize(t, src, whole(src), 64, 64, Bilinear) })
	if limit := uint64(6 << 20); got > limit { // a copy of 64 columns would be 50 MB
		t.Errorf("%d bytes allocated, limit %d", got, limit)
	}
}

// allocated returns the bytes that f allocates.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func BenchmarkResize(b *testing.B) {
	src := pattern(4000, 3000)
	for _, f := range []Filter{Bilinear, Bicubic} {
		b.Run("filter="+string(f), func(b *testing.B) {
			b.SetBytes(int64(len(src.Pix)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Resize(src, whole(src), 224, 224, f); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

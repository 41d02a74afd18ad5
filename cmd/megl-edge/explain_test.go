package main

import (
	"encoding/json"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"megl-edge/gradcam"
	"megl-edge/gradcam/mapmetric"
	"megl-edge/gradcam/render"
)

// The help lists the methods that there are, and the JSON names all but the
// default, so that what was printed before there was a choice stays the same.
func TestExplainByEveryMethod(t *testing.T) {
	m, photo := resnet(t), drawn(t, 80, 60)
	plain := done(t, "explain", "-m", m, photo, "--json", "--method", "gradcam")
	if strings.Contains(plain, `"method"`) || plain != done(t, "explain", "-m", m, photo, "--json") {
		t.Errorf("--method gradcam prints %q", plain)
	}
	want := decoded[explainResult](t, plain)
	help := done(t, "explain", "-h")
	for _, method := range methodsForAll()[1:] {
		if !strings.Contains(help, string(method)) {
			t.Errorf("explain -h does not name %s", method)
		}
		got := decoded[explainResult](t, done(t, "explain", "-m", m, photo, "--json", "--method", string(method)))
		if got.Method != string(method) || got.Class != want.Class || !slices.Equal(got.Top, want.Top) {
			t.Errorf("%s: %q of %v by %q, want the answer of Grad-CAM: %q of %v", method, got.Class, got.Top, got.Method, want.Class, want.Top)
		}
		if got.Map.Height != 8 || got.Map.Width != 8 || !got.Evidence || slices.Equal(got.Map.Values, want.Map.Values) {
			t.Errorf("%s: evidence %v, map %d×%d, or the one of Grad-CAM", method, got.Evidence, got.Map.Height, got.Map.Width)
		}
	}
	refused(t, `must be one of "gradcam","layercam","gradcam++","eigencam","rollout"`, "explain", "-m", m, photo, "--method", "cam")
}

func TestEigenCAMKnowsNoClass(t *testing.T) {
	m, photo := resnet(t), drawn(t, 40, 40)
	text := done(t, "explain", "-m", m, photo, "--method", "eigencam", "-o", t.TempDir())
	if !strings.Contains(text, "where it looked, whatever the class: ") {
		t.Errorf("explain prints %q", text)
	}
	refused(t, "is the same for every class", "explain", "-m", m, photo, "--method", "eigencam", "--class", "class 3")
}

// Every method puts more of its map on the object than an even map would, on
// photos that the object does not fill.
func TestMapsFindTheObject(t *testing.T) {
	needsSpeed(t)
	m := imported(t, "tf2_mobilenet_v2_1.0_224_ptq.tflite")
	photos := photosWithMasks(t)
	for _, method := range methodsForAll() {
		var inside, chance float64
		args := []string{"explain", "-m", m, "--json", "--method", string(method)}
		for _, photo := range photos {
			r := decoded[explainResult](t, done(t, append(args, photo.image)...))
			mask := maskWithin(t, photo.mask, r.Region)
			energy, err := mapmetric.EnergyInMask(render.Map(r.Map), mask)
			if err != nil {
				t.Fatal(err)
			}
			even := render.Map{Height: 1, Width: 1, Values: []float32{1}}
			share, err := mapmetric.EnergyInMask(even, mask)
			if err != nil {
				t.Fatal(err)
			}
			inside, chance = inside+energy/float64(len(photos)), chance+share/float64(len(photos))
		}
		t.Logf("%s: %.3f of the map on the object, %.3f by chance", method, inside, chance)
		if inside < 1.3*chance {
			t.Errorf("%s: %.3f of the map lies on the object, an even map has %.3f there", method, inside, chance)
		}
	}
}

// photoAndMask are the files of a photo and of the mask of its object.
type photoAndMask struct{ image, mask string }

// photosWithMasks returns one photo of each of 12 classes.
func photosWithMasks(t *testing.T) []photoAndMask {
	t.Helper()
	folder := shared(t, "data", "objectme_mini")
	var photos []photoAndMask
	seen := map[string]bool{}
	for _, line := range readLines(t, filepath.Join(folder, "val.jsonl")) {
		var row struct {
			Label, Image, Mask string
			Fraction           float64 `json:"mask_fraction"`
		}
		if err := json.Unmarshal([]byte(line), &row); err != nil {
			t.Fatal(err)
		}
		if !seen[row.Label] && row.Fraction < 0.4 && len(photos) < 12 {
			seen[row.Label] = true
			photos = append(photos, photoAndMask{filepath.Join(folder, row.Image), filepath.Join(folder, row.Mask)})
		}
	}
	if len(photos) < 12 {
		t.Fatalf("%s has photos of %d classes only", folder, len(photos))
	}
	return photos
}

// maskWithin reads the part of a mask file that lies in the region.
func maskWithin(t *testing.T, path string, region regionJSON) mapmetric.Mask {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	picture, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	part := image.Rect(region.X, region.Y, region.X+region.Width, region.Y+region.Height)
	if !part.In(picture.Bounds()) {
		t.Fatalf("%s is %v, the map covers %v", path, picture.Bounds(), part)
	}
	mask := mapmetric.Mask{Height: region.Height, Width: region.Width}
	for y := part.Min.Y; y < part.Max.Y; y++ {
		for x := part.Min.X; x < part.Max.X; x++ {
			r, _, _, _ := picture.At(x, y).RGBA()
			mask.Inside = append(mask.Inside, r > 0)
		}
	}
	return mask
}

// methodsForAll lists the methods that draw for any network.
func methodsForAll() []gradcam.Method {
	return slices.DeleteFunc(gradcam.Methods(), func(m gradcam.Method) bool { return m == gradcam.AttentionRollout })
}

func TestRolloutOfAConvolutionalNetwork(t *testing.T) {
	m := imported(t, "vww_96_int8.tflite")
	refused(t, "attention rollout needs a vision transformer", "explain", "-m", m, drawn(t, 96, 96), "--method", "rollout")
}

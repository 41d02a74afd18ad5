package data

import (
	"fmt"
	"math"
	"math/rand/v2"

	"megl-edge/kernels"
	"megl-edge/runtime/vision"
)

// An Augment says how photos are changed at random, so that a model sees each of
// them in many ways. What comes out depends on the seed, the epoch and the row
// alone. The zero value of a field stands for no change of its kind.
type Augment struct {
	// Area is the least and the greatest share of the photo that is cut out, in
	// (0, 1]; Aspect is the least and the greatest width of the cut in relation to
	// its height, compared with that of the model's input: 1 keeps the shape of
	// things.
	Area, Aspect [2]float64
	// Mirror is the probability that left and right are exchanged, 0 to 1. So they are
	// in sentences that name the row's position; photos whose sentences speak of left
	// or right otherwise stay as they are: those would be wrong.
	Mirror float64
	// Whole is the probability that of a photo with sentences nothing is cut out: they
	// speak of all of it, and count for such views only. Shift is the probability that
	// such a view is moved by a third of its size, where the row's position tells where
	// the object comes to lie; the sentences then say so. Both are 0 to 1.
	Whole, Shift float64
	// Brightness, Contrast and Saturation are multiplied by a factor between 1-x
	// and 1+x; x is 0 to 1.
	Brightness, Contrast, Saturation float64
}

// DefaultAugment is for photos of one object that fills much of them.
var DefaultAugment = Augment{
	Area: [2]float64{0.35, 1}, Aspect: [2]float64{3. / 4, 4. / 3}, Mirror: 0.5, Whole: 0.5, Shift: 0.5,
	Brightness: 0.2, Contrast: 0.2, Saturation: 0.2,
}

// Check reports the first field that is out of its range.
func (a *Augment) Check() error {
	if area := a.Area; area != [2]float64{} && !(area[0] > 0 && area[0] <= area[1] && area[1] <= 1) {
		return fmt.Errorf("augmentation: the area is %v to %v, want shares in (0, 1]", area[0], area[1])
	}
	const most = 16
	if aspect := a.Aspect; aspect != [2]float64{} && !(aspect[0] >= 1./most && aspect[0] <= aspect[1] && aspect[1] <= most) {
		return fmt.Errorf("augmentation: the aspect is %v to %v, want ratios from 1/%d to %d", aspect[0], aspect[1], most, most)
	}
	for _, f := range []struct {
		name  string
		value float64
	}{{"mirror", a.Mirror}, {"whole", a.Whole}, {"shift", a.Shift}, {"brightness", a.Brightness}, {"contrast", a.Contrast}, {"saturation", a.Saturation}} {
		if !(f.value >= 0 && f.value <= 1) {
			return fmt.Errorf("augmentation: %s is %v, want a number from 0 to 1", f.name, f.value)
		}
	}
	return nil
}

// A view is what a model gets to see of a photo.
type view struct {
	box      vision.Box // the part of the upright photo
	cut      bool       // the box is not what the model sees of a photo when it is used
	shift    place      // by how many thirds of the box its content is moved
	mirrored bool       // behind that
	colours  colourChange
}

// view chooses what is seen of a photo of width × height pixels, of which sentences
// tell something. Without augmentation it is what the model sees when it is used.
func (a *Augment) view(p vision.Preprocess, width, height int, told telling, random *rand.PCG) view {
	if a == nil {
		return view{box: p.Region(width, height), colours: unchanged}
	}
	var v view
	v.mirrored = uniform(random) < a.Mirror && !told.sided
	v.colours.brightness = factor(random, a.Brightness)
	v.colours.contrast = factor(random, a.Contrast)
	v.colours.saturation = factor(random, a.Saturation)
	v.box = p.Region(width, height)
	if v.cut = a.Area != [2]float64{} && !(told.speaks && uniform(random) < a.Whole); v.cut {
		v.box = a.cut(p, width, height, random)
	} else if told.placed && uniform(random) < a.Shift {
		shifts := told.place.shifts()
		v.shift = shifts[below(random, uint64(len(shifts)))]
	}
	return v
}

// placeOf returns where an object comes to lie.
func (v view) placeOf(p place) place {
	p = place{p.across + v.shift.across, p.down + v.shift.down}
	if v.mirrored {
		p.across = -p.across
	}
	return p
}

// factor returns a number between 1-range and 1+range, in units of 1/colourOne.
func factor(random *rand.PCG, spread float64) int64 {
	return int64(math.RoundToEven(float64(between(random, 1-spread, 1+spread) * colourOne)))
}

// cut chooses the part of a photo to cut out. A part that is too wide or too high
// is chosen again; after some tries it is the greatest in the middle that has an
// aspect within the bounds.
func (a *Augment) cut(p vision.Preprocess, width, height int, random *rand.PCG) vision.Box {
	aspect := a.Aspect
	if aspect == [2]float64{} {
		aspect = [2]float64{1, 1}
	}
	input := float64(p.Width) / float64(p.Height)
	least, most := kernels.Log64(aspect[0]), kernels.Log64(aspect[1])
	const tries = 10
	for range tries {
		area := float64(float64(width)*float64(height)) * between(random, a.Area[0], a.Area[1])
		ratio := float64(input * kernels.Exp64(between(random, least, most)))
		w := int(math.RoundToEven(math.Sqrt(float64(area * ratio))))
		h := int(math.RoundToEven(math.Sqrt(area / ratio)))
		if w < 1 || h < 1 || w > width || h > height {
			continue
		}
		x := int(below(random, uint64(width-w)+1))
		y := int(below(random, uint64(height-h)+1))
		return vision.Box{X0: x, Y0: y, X1: x + w, Y1: y + h}
	}
	return central(width, height, float64(input*aspect[0]), float64(input*aspect[1]))
}

// central returns the greatest part in the middle of a photo whose width in
// relation to its height is between least and most.
func central(width, height int, least, most float64) vision.Box {
	w, h := width, height
	switch ratio := float64(width) / float64(height); {
	case ratio < least:
		h = max(1, int(math.RoundToEven(float64(width)/least)))
	case ratio > most:
		w = max(1, int(math.RoundToEven(float64(height)*most)))
	}
	w, h = min(w, width), min(h, height)
	x, y := (width-w)/2, (height-h)/2
	return vision.Box{X0: x, Y0: y, X1: x + w, Y1: y + h}
}

// mirror exchanges left and right.
func mirror(im *vision.Image) {
	for y := range im.Height {
		line := im.Pix[3*im.Width*y:][:3*im.Width]
		for i, j := 0, 3*(im.Width-1); i < j; i, j = i+3, j-3 {
			for c := range 3 {
				line[i+c], line[j+c] = line[j+c], line[i+c]
			}
		}
	}
}

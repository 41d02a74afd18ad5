package evaluate

import (
	"slices"
	"strings"

	"megl-edge/sdtg"
	"megl-edge/sdtg/textmetric"
	"megl-edge/train/data"
)

// disturb asks about the mirrored photo, and about the photo without the region of each
// attribute.
func (w *witness) disturb(s *said, e *data.Example, class int, account *sdtg.Account, regions []region) error {
	if before := sides(account.Text); len(before) > 0 {
		after, err := w.again(mirroredPixels(e.Pixels, w.width), class)
		if err != nil {
			return err
		}
		s.sided, s.mirrored = true, slices.Equal(sides(after), exchanged(before))
	}
	for _, r := range regions {
		if r.box == (sdtg.Box{}) {
			continue
		}
		after, err := w.again(blankedPixels(e.Pixels, w.height, w.width, r.box), class)
		if err != nil {
			return err
		}
		s.blanked++
		if !strings.Contains(" "+inWords(after)+" ", " "+r.attribute+" ") {
			s.gone++
		}
	}
	return nil
}

// again returns what the model says of other pixels, for the same class.
func (w *witness) again(pixels []uint8, class int) (string, error) {
	x, err := w.explainer.ExplainInput(pixels, class)
	if err != nil {
		return "", err
	}
	account, err := w.voice.Say(x.Features, x.Map, class)
	if err != nil {
		return "", err
	}
	return account.Text, nil
}

const (
	leftWord  = "left"
	rightWord = "right"
)

// sides returns the words left and right of a sentence, in order.
func sides(text string) []string {
	return slices.DeleteFunc(textmetric.Tokenize(text), func(w string) bool { return w != leftWord && w != rightWord })
}

func exchanged(words []string) []string {
	other := make([]string, len(words))
	for i, w := range words {
		if other[i] = leftWord; w == leftWord {
			other[i] = rightWord
		}
	}
	return other
}

// mirroredPixels exchanges left and right.
func mirroredPixels(pixels []uint8, width int) []uint8 {
	mirrored := make([]uint8, len(pixels))
	for at := 0; at < len(pixels); at += 3 * width {
		for x := range width {
			copy(mirrored[at+3*x:][:3], pixels[at+3*(width-1-x):])
		}
	}
	return mirrored
}

// blankedPixels fills a box with the mean colour of all pixels.
func blankedPixels(pixels []uint8, height, width int, box sdtg.Box) []uint8 {
	var mean [3]int
	for i, v := range pixels {
		mean[i%3] += int(v)
	}
	for i := range mean {
		mean[i] /= height * width
	}
	blanked := slices.Clone(pixels)
	within := func(i, size int, from, to float64) bool {
		centre := (float64(i) + 0.5) / float64(size)
		return centre >= from && centre < to
	}
	for y := range height {
		for x := range width {
			if within(y, height, box.Top, box.Bottom) && within(x, width, box.Left, box.Right) {
				for k := range mean {
					blanked[3*(y*width+x)+k] = uint8(mean[k])
				}
			}
		}
	}
	return blanked
}

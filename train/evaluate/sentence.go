package evaluate

import (
	"cmp"
	"slices"
	"strings"

	"megl-edge/gradcam"
	"megl-edge/gradcam/mapmetric"
	"megl-edge/gradcam/render"
	"megl-edge/sdtg"
	"megl-edge/sdtg/textmetric"
	"megl-edge/train/data"
)

// said is what a model, or a blind one, said of a photo, scored by the row.
type said struct {
	item    textmetric.Item
	metrics textmetric.ItemScores // of the item in its set

	attributes, named int // of the row, and those that the sentence names
	claimed, wrong    int // attributes that the sentence names, and those that are not the row's

	colour, position           string // of the row; empty where it does not say
	rightColour, rightPosition bool   // the sentence names that and no other
	phrases                    []phrase
	sided, mirrored            bool // it names left or right, and the other one of the mirrored photo
	blanked, gone              int  // attributes with a region, and those that vanish with it
}

// phrase is the region of an attribute that a sentence names, compared with masks.
type phrase struct {
	grounded bool // its overlap with the mask is at least [overlaps]
	centre   bool // so is that of a box in the centre
	shuffled bool // so is its own with the mask of another photo
	masked   bool // there is a mask
}

// overlaps is the least IoU of a region that counts as grounded.
const overlaps = 0.3

// lexicon is what sentences of a data set can name.
type lexicon struct{ attributes, colours, positions []string }

// lexiconOf collects the attributes, colours and positions of all rows, the longest
// first: "upper left" is not "left".
func lexiconOf(d *data.Dataset) lexicon {
	var l lexicon
	for i := range d.Len() {
		row := d.Row(i)
		for _, a := range row.Attributes {
			l.attributes = append(l.attributes, inWords(a))
		}
		l.colours = append(l.colours, inWords(row.Colour))
		l.positions = append(l.positions, inWords(row.Position))
	}
	for _, list := range []*[]string{&l.attributes, &l.colours, &l.positions} {
		slices.SortFunc(*list, func(a, b string) int { return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b)) })
		*list = slices.DeleteFunc(slices.Compact(*list), func(s string) bool { return s == "" })
	}
	return l
}

// inWords returns a text as the words that sentences are compared by.
func inWords(text string) string { return strings.Join(textmetric.Tokenize(text), " ") }

// take removes the entries of a list from a text, in the list's order, and returns those
// that it had.
func take(text string, list []string) (rest string, found []string) {
	rest = " " + text + " "
	for _, entry := range list {
		if strings.Contains(rest, " "+entry+" ") {
			found = append(found, entry)
			// What follows must not join what went before to a new entry.
			rest = strings.ReplaceAll(rest, " "+entry+" ", " | ")
		}
	}
	return strings.TrimSpace(rest), found
}

// scoreText compares a sentence with its row.
func (l *lexicon) scoreText(text string, row data.Row) *said {
	words := textmetric.Tokenize(text)
	s := &said{item: textmetric.Item{Candidate: words}, colour: inWords(row.Colour), position: inWords(row.Position)}
	for _, r := range row.Rationales {
		s.item.References = append(s.item.References, textmetric.Tokenize(r))
	}
	rest, named := take(strings.Join(words, " "), l.attributes)
	s.attributes, s.claimed = len(row.Attributes), len(named)
	for _, n := range named {
		if slices.ContainsFunc(row.Attributes, func(a string) bool { return inWords(a) == n }) {
			s.named++
		} else {
			s.wrong++
		}
	}
	rest, positions := take(rest, l.positions)
	_, colours := take(rest, l.colours)
	s.rightColour = slices.Equal(colours, []string{s.colour})
	s.rightPosition = slices.Equal(positions, []string{s.position})
	return s
}

// witness lets a model speak of photos.
type witness struct {
	voice     *sdtg.Voice
	explainer *gradcam.Explainer
	lexicon   lexicon
	height    int // of what the model sees
	width     int
	last      *mapmetric.Mask // of the photo before that had one
}

// hear scores what the model says of an example, for the class that an explanation
// is about. deep also asks it about changed photos.
func (w *witness) hear(e *data.Example, row data.Row, x *gradcam.Explanation, deep bool) (*said, error) {
	account, err := w.voice.Say(x.Features, x.Map, x.Class)
	if err != nil {
		return nil, err
	}
	s := w.lexicon.scoreText(account.Text, row)
	regions, err := w.ground(s, e, account)
	if err != nil || !deep {
		return s, err
	}
	return s, w.disturb(s, e, x.Class, account, regions)
}

// region is an attribute that a sentence names, and where.
type region struct {
	attribute string
	box       sdtg.Box
}

// ground compares the regions of attributes with the mask, if there is one.
func (w *witness) ground(s *said, e *data.Example, account *sdtg.Account) ([]region, error) {
	var mask *mapmetric.Mask
	if e.MaskWeight > 0 {
		mask = maskOf(e, w.height, w.width)
	}
	var regions []region
	for _, p := range account.Phrases {
		attribute := inWords(account.Text[p.Start:p.End])
		if !slices.Contains(w.lexicon.attributes, attribute) {
			continue
		}
		regions = append(regions, region{attribute, p.Box})
		if mask == nil {
			continue
		}
		own, err := w.overlapping(p.Map, mask)
		if err != nil {
			return nil, err
		}
		centre, err := w.overlapping(centreBox(p.Map.Height*2, p.Map.Width*2), mask)
		if err != nil {
			return nil, err
		}
		found := phrase{grounded: own && p.Grounded, centre: centre, masked: true}
		if w.last != nil {
			if found.shuffled, err = w.overlapping(p.Map, w.last); err != nil {
				return nil, err
			}
		}
		s.phrases = append(s.phrases, found)
	}
	if mask != nil {
		w.last = mask
	}
	return regions, nil
}

func (w *witness) overlapping(m render.Map, mask *mapmetric.Mask) (bool, error) {
	iou, err := mapmetric.IoU(m, *mask, salient)
	return iou >= overlaps, err
}

// centreBox is 1 in the middle half of the height and of the width, 0 elsewhere.
func centreBox(height, width int) render.Map {
	m := render.Map{Height: height, Width: width, Values: make([]float32, height*width)}
	for y := range height {
		for x := range width {
			if 4*y+2 >= height && 4*y+2 < 3*height && 4*x+2 >= width && 4*x+2 < 3*width {
				m.Values[y*width+x] = 1
			}
		}
	}
	return m
}

package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"megl-edge/gradcam"
	"megl-edge/gradcam/render"
	"megl-edge/runtime/model"
	"megl-edge/runtime/vision"
	"megl-edge/sdtg"
)

// voice says why a model sees a class; one of a model without decoder says nothing.
type voice struct {
	*sdtg.Voice
	labels []string
}

// openVoice prepares the decoder of a model for maps of the given method: of another
// than the decoder learned from, it says nothing.
func openVoice(m *model.Model, method gradcam.Method, threads, beams int) (*voice, error) {
	if method != gradcam.GradCAM {
		return &voice{}, nil
	}
	v, err := sdtg.OpenVoice(m, threads)
	if errors.Is(err, sdtg.ErrSilent) {
		return &voice{}, nil
	}
	if err != nil {
		return nil, err
	}
	v.Beams = beams
	return &voice{v, m.Labels}, nil
}

func (v *voice) close() {
	if v.Voice != nil {
		v.Voice.Close()
	}
}

// statement is what is said of a photo, for people.
type statement struct {
	Sentence string       `json:"sentence,omitempty"`
	Phrases  []phraseJSON `json:"phrases,omitempty"`
}

// phraseJSON is a part of a sentence that names evidence.
type phraseJSON struct {
	Text  string `json:"text"`
	Start int    `json:"start"` // characters of the sentence before it
	End   int    `json:"end"`
	// Box is where the phrase has its evidence, in pixels of the photo; none where it
	// has none.
	Box *regionJSON `json:"box,omitempty"`
	// Grounded phrases have at least half of what they look at where the map is at
	// least half of its maximum. Others tell what is known of the class.
	Grounded bool    `json:"grounded"`
	Score    float64 `json:"score"` // that share

	bytes [2]int
}

// say returns what speaks for the explained class by an explanation's map; nothing
// where nothing does.
func (v *voice) say(x *gradcam.Explanation) (statement, error) {
	if v.Voice == nil || !x.Evidence() {
		return statement{}, nil
	}
	said, err := v.Say(x.Features, x.Map, x.Class)
	if err != nil {
		return statement{}, err
	}
	hedge := hedgeOf(x, said)
	s := statement{Sentence: hedge + said.Text}
	for _, p := range said.Phrases {
		start, end := p.Start+len(hedge), p.End+len(hedge)
		phrase := phraseJSON{
			Text: s.Sentence[start:end], Start: utf8.RuneCountInString(s.Sentence[:start]), End: utf8.RuneCountInString(s.Sentence[:end]),
			Grounded: p.Grounded, Score: p.Score, bytes: [2]int{start, end},
		}
		if p.Box != (sdtg.Box{}) {
			phrase.Box = pixels(p.Box, x.Region)
		}
		s.Phrases = append(s.Phrases, phrase)
	}
	return s, nil
}

// unsure is the probability from which on a class is said without reserve.
const unsure = 0.5

// hedgeOf returns the words that go before a sentence whose evidence is weak.
func hedgeOf(x *gradcam.Explanation, said *sdtg.Account) string {
	switch {
	case x.Unknown.Beyond():
		return "Probably none of the known classes; what comes nearest: "
	case x.Probabilities[x.Class] < unsure:
		return "Not sure: "
	case len(said.Phrases) > 0 && !slices.ContainsFunc(said.Phrases, func(p sdtg.Phrase) bool { return p.Grounded }):
		return "With little to see of it: "
	}
	return ""
}

// pixels returns a box, in shares of what the model saw, as a part of the photo.
func pixels(b sdtg.Box, seen vision.Box) *regionJSON {
	at := func(share float64, from, to int) int { return from + int(share*float64(to-from)+0.5) }
	left, top := at(b.Left, seen.X0, seen.X1), at(b.Top, seen.Y0, seen.Y1)
	right, bottom := at(b.Right, seen.X0, seen.X1), at(b.Bottom, seen.Y0, seen.Y1)
	return &regionJSON{left, top, max(1, right-left), max(1, bottom-top)}
}

// numbered returns the sentence with the number of its region behind each phrase, and
// a question mark behind phrases that are not grounded.
func (s statement) numbered() string {
	var text strings.Builder
	at := 0
	for i, p := range s.Phrases {
		text.WriteString(s.Sentence[at:p.bytes[1]])
		if at = p.bytes[1]; p.Grounded && p.Box != nil {
			fmt.Fprintf(&text, " [%d]", i+1)
		} else {
			text.WriteString(" [?]")
		}
	}
	return text.String() + s.Sentence[at:]
}

// regions returns what the overlay draws: the boxes of grounded phrases.
func (s statement) regions() []render.Region {
	var all []render.Region
	for i, p := range s.Phrases {
		if p.Grounded && p.Box != nil {
			all = append(all, render.Region{Number: i + 1, Box: p.Box.rectangle()})
		}
	}
	return all
}

// contrast says what there is for another class, given what its own sentence would
// name.
func contrastOf(label string, x *gradcam.Explanation, s statement) string {
	if !x.Evidence() {
		return fmt.Sprintf("Nothing in the photo speaks for %s instead.", label)
	}
	var seen, missing []string
	for _, p := range s.Phrases {
		if p.Grounded {
			seen = append(seen, p.Text)
		} else {
			missing = append(missing, p.Text)
		}
	}
	switch {
	case len(seen) > 0 && len(missing) > 0:
		return fmt.Sprintf("For %s instead would speak %s, but not %s.", label, listed(seen), listed(missing))
	case len(seen) > 0:
		return fmt.Sprintf("For %s instead would speak %s.", label, listed(seen))
	case len(missing) > 0:
		return fmt.Sprintf("For %s instead, %s would have to be seen.", label, listed(missing))
	}
	return fmt.Sprintf("Little in the photo speaks for %s instead.", label)
}

// listed joins phrases as a sentence does.
func listed(phrases []string) string {
	if len(phrases) == 1 {
		return phrases[0]
	}
	last := len(phrases) - 1
	return strings.Join(phrases[:last], ", ") + " and " + phrases[last]
}

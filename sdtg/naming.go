package sdtg

import "strings"

// naming keeps the names of other classes out of what is said for one.
type naming struct{ names []string } // of the classes, as sentences have them

func newNaming(labels []string) naming {
	n := naming{make([]string, len(labels))}
	for i, label := range labels {
		n.names[i] = lowered(strings.Join(strings.FieldsFunc(label, func(r rune) bool { return r == '_' || r == ' ' }), " "))
	}
	return n
}

// contrasting are the words behind which another class may be named, and nearby is
// how many words further it may stand.
var contrasting = setOf("not", "unlike", "than", "no")

const nearby = 3

// namesOther tells whether a text names a class other than the given one without
// contrasting with it. ended tells whether the last word of the text is whole.
func (n naming) namesOther(text string, class int, ended bool) bool {
	text = lowered(text)
	if !ended {
		text += "x" // the word may go on
	}
	own := appearances(text, n.names[class])
	for other, name := range n.names {
		if other == class || name == n.names[class] {
			continue
		}
		for _, s := range appearances(text, name) {
			if !inside(s, own) && !contrasted(text[:s.start]) {
				return true
			}
		}
	}
	return false
}

// appearances returns where a name stands, in singular or in plural.
func appearances(text, name string) []span {
	return append(occurrences(text, name), occurrences(text, name+"s")...)
}

func inside(s span, of []span) bool {
	for _, o := range of {
		if o.start <= s.start && s.end <= o.end {
			return true
		}
	}
	return false
}

// contrasted tells whether what follows a text is said to be something else.
func contrasted(text string) bool {
	words := strings.Fields(text)
	for i := max(0, len(words)-nearby); i < len(words); i++ {
		if contrasting[words[i]] {
			return true
		}
	}
	return false
}

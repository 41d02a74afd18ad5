package sdtg

import (
	"slices"
	"testing"
)

func texts(text string, spans []span) []string {
	var parts []string
	for _, s := range spans {
		parts = append(parts, text[s.start:s.end])
	}
	return parts
}

func TestPhrasesIn(t *testing.T) {
	known := []string{"a long neck", "a very long neck", "a heavy body on four legs", "legs", "尾巴"}
	for _, c := range []struct {
		text  string
		known []string
		want  []string
	}{
		{"It has a very long neck and a heavy body on four legs.", known, []string{"a very long neck", "a heavy body on four legs"}},
		{"A long neck, A LONG NECK; legsome legs", known, []string{"A long neck", "A LONG NECK", "legs"}},
		{"它有很长的尾巴和脖子", known, []string{"尾巴"}},
		{"nothing of it", known, nil},
		{"The brown object at the centre shows large pointed ears and a short coat, so it is an Abyssinian cat.", nil,
			[]string{"The brown object", "the centre", "large pointed ears", "a short coat", "an Abyssinian cat"}},
		{"", nil, nil},
		{"the, a and it", nil, nil},
		{"İt has a LONG tail", []string{"a long tail"}, []string{"a LONG tail"}},
	} {
		if got := texts(c.text, phrasesIn(c.text, c.known)); !slices.Equal(got, c.want) {
			t.Errorf("%q: %q, want %q", c.text, got, c.want)
		}
	}
}

func TestNaming(t *testing.T) {
	n := newNaming([]string{"ant", "elephant", "American_Bulldog", "bulldog", "熊猫"})
	for _, c := range []struct {
		text  string
		class int
		ended bool
		want  bool
	}{
		{"This is an ant", 1, true, true},
		{"This is an ant", 1, false, false}, // the word may go on: antennae
		{"This is an ant ", 1, false, true},
		{"Two ants, see", 1, false, true},
		{"two bent antennae", 1, true, false},
		{"This is an ant.", 0, true, false},
		{"An elephant, not an ant.", 1, true, false},
		{"unlike the small ant, it", 1, true, false},
		{"the American bulldog.", 2, true, false},
		{"the american bulldog.", 3, true, true},
		{"the bulldog.", 2, true, true},
		{"这是熊猫和", 0, true, true},
		{"", 0, true, false},
	} {
		if got := n.namesOther(c.text, c.class, c.ended); got != c.want {
			t.Errorf("%q about class %d, ended %v: %v", c.text, c.class, c.ended, got)
		}
	}
}

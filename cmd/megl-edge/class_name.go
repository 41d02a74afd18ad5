package main

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// findClass returns the class with the given name: a whole label, one of the
// names of a label that lists several with commas, or #N for class number N.
// Case does not matter.
func findClass(labels []string, name string) (int, error) {
	wanted := strings.ToLower(strings.TrimSpace(name))
	if number, ok := strings.CutPrefix(wanted, "#"); ok {
		if i, err := strconv.Atoi(number); err == nil && i >= 0 && i < len(labels) {
			return i, nil
		}
		return 0, fmt.Errorf("there is no class %s: the model has #0 to #%d", name, len(labels)-1)
	}
	found := matching(labels, func(label string) bool { return strings.ToLower(label) == wanted })
	if len(found) == 0 {
		found = matching(labels, func(label string) bool { return slices.Contains(namesOf(label), wanted) })
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return 0, fmt.Errorf("the model has no class %q; the nearest names are %s", name, quoted(nearest(labels, wanted)))
	}
	var choices []string
	for _, i := range found {
		choices = append(choices, fmt.Sprintf("#%d (%s)", i, labels[i]))
	}
	return 0, fmt.Errorf("%q names several classes: give one of %s", name, strings.Join(choices, ", "))
}

// matching returns the numbers of the labels that fit.
func matching(labels []string, fits func(string) bool) []int {
	var found []int
	for i, label := range labels {
		if fits(label) {
			found = append(found, i)
		}
	}
	return found
}

// namesOf splits a label into its names, in lower case.
func namesOf(label string) []string {
	names := strings.Split(strings.ToLower(label), ",")
	for i := range names {
		names[i] = strings.TrimSpace(names[i])
	}
	return names
}

// nearest returns the three labels with a name that is most like the wanted one.
func nearest(labels []string, wanted string) []string {
	distance := func(label string) int {
		best := editDistance(strings.ToLower(label), wanted)
		for _, name := range namesOf(label) {
			best = min(best, editDistance(name, wanted))
		}
		return best
	}
	sorted := slices.Clone(labels)
	distances := map[string]int{}
	for _, label := range labels {
		distances[label] = distance(label)
	}
	slices.SortStableFunc(sorted, func(a, b string) int { return cmp.Compare(distances[a], distances[b]) })
	return sorted[:min(3, len(sorted))]
}

// editDistance counts the letters to insert, delete or replace to get from a to
// b (Levenshtein).
func editDistance(a, b string) int {
	from, to := []rune(a), []rune(b)
	row := make([]int, len(to)+1)
	for j := range row {
		row[j] = j
	}
	for i, r := range from {
		diagonal := row[0]
		row[0] = i + 1
		for j, s := range to {
			replace := diagonal
			if r != s {
				replace++
			}
			diagonal = row[j+1]
			row[j+1] = min(replace, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(to)]
}

func quoted(names []string) string {
	parts := make([]string, len(names))
	for i, name := range names {
		parts[i] = fmt.Sprintf("%q", name)
	}
	return strings.Join(parts, ", ")
}

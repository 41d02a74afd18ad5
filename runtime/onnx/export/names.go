package export

import "fmt"

// names hands out names that are used once.
type names struct {
	taken   map[string]bool
	numbers map[string]int // the number that a taken name got last
}

func newNames() names { return names{map[string]bool{}, map[string]int{}} }

// free returns the wished name, with a number where it is taken.
func (n names) free(wish string) string {
	name := wish
	for n.taken[name] {
		n.numbers[wish]++
		name = fmt.Sprintf("%s_%d", wish, n.numbers[wish]+1)
	}
	n.taken[name] = true
	return name
}

package script

import (
	"fmt"
	"regexp"
	"strings"
)

// Error is what went wrong in a script, and where.
type Error struct {
	Script       string
	Line, Column int // from 1; 0 where the script as a whole is meant
	Message      string
	cause        error
}

func (e *Error) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("%s: %s", e.Script, e.Message)
	}
	return fmt.Sprintf("%s:%d:%d: %s", e.Script, e.Line, e.Column, e.Message)
}

// Unwrap returns what a module failed with, or what limit was reached.
func (e *Error) Unwrap() error { return e.cause }

// place is how Tengo says where something is: innermost first, a line for each call.
var place = regexp.MustCompile(`\n\tat \(main\):(\d+):(\d+)`)

// prefixes are how Tengo begins its messages.
var prefixes = []string{"Runtime Error: ", "Compile Error: ", "Parse Error: "}

// located gives an error the script's line and column.
func (e *Engine) located(err error) error {
	if err == nil {
		return nil
	}
	text := err.Error()
	located := &Error{Script: e.name, cause: err}
	if at := place.FindStringSubmatch(text); at != nil {
		_, _ = fmt.Sscan(at[1], &located.Line)
		_, _ = fmt.Sscan(at[2], &located.Column)
	}
	if i := strings.Index(text, "\n\tat "); i >= 0 {
		text = text[:i]
	}
	for _, p := range prefixes {
		text = strings.TrimPrefix(text, p)
	}
	located.Message = text
	return located
}

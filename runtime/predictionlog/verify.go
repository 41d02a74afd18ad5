package predictionlog

import (
	"bufio"
	"errors"
	"fmt"
	"io"
)

// Summary is what a log holds.
type Summary struct {
	Rows int64 `json:"rows"`
	Torn int   `json:"torn"` // lines that a crash cut off, which were never acknowledged
	// Last is the SHA-256 of the last row: kept elsewhere, it shows later whether rows
	// were taken from the end.
	Last string `json:"last"`
}

// Verify reads a log from its first row and fails where a row is not the one that the
// next one names, or where one is missing.
func Verify(r io.Reader) (Summary, error) {
	var s Summary
	lines := bufio.NewReader(r)
	for n := 1; ; n++ {
		line, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			if len(line) > 0 {
				s.Torn++
			}
			return s, nil
		}
		if err != nil {
			return s, err
		}
		line = line[:len(line)-1]
		entry, err := parse(line)
		switch {
		case err != nil:
			s.Torn++
		case entry.Row != s.Rows+1:
			return s, fmt.Errorf("line %d: row %d follows row %d: rows were taken out or put in", n, entry.Row, s.Rows)
		case entry.Before != s.Last:
			return s, fmt.Errorf("line %d: row %d was not written after the row before it: that row was changed", n, entry.Row)
		default:
			s.Rows, s.Last = entry.Row, hashOf(line)
		}
	}
}

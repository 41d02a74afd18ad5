package data

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"unicode/utf8"
)

// MaxLine is the greatest length of a line in bytes, without its line end.
const MaxLine = 1 << 20

// byteOrderMark is what some editors put at the start of UTF-8 text.
const byteOrderMark = "\uFEFF"

// eachLine yields the rows of the JSONL file at path until yield returns false.
func eachLine(path string, yield func(Row) bool) error {
	f, err := os.Open(path)
	if err != nil {
		return pathFirst(err)
	}
	defer f.Close()
	number, err := eachRow(f, filepath.Dir(path), yield)
	if err != nil {
		return fmt.Errorf("%s:%d: %w", path, number, err)
	}
	return nil
}

// eachRow yields the rows of a JSONL stream until yield returns false. Paths in
// it are relative to folder. It returns the line it came to.
func eachRow(r io.Reader, folder string, yield func(Row) bool) (number int, err error) {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, MaxLine+1) // one for the line end
	decode := newDecoder()
	for lines.Scan() {
		number++
		line := lines.Bytes()
		if number == 1 {
			line = bytes.TrimPrefix(line, []byte(byteOrderMark))
		}
		if len(bytes.Trim(line, jsonSpace)) == 0 {
			continue
		}
		row, err := decode(line)
		if err != nil {
			return number, err
		}
		row.Line = number
		row.Image, row.Mask = resolve(folder, row.Image), resolve(folder, row.Mask)
		if !yield(row) {
			return number, nil
		}
	}
	return number + 1, scanError(lines.Err())
}

func scanError(err error) error {
	if errors.Is(err, bufio.ErrTooLong) {
		return fmt.Errorf("the line is longer than %d bytes; want one JSON object a line", MaxLine)
	}
	if err != nil {
		return fmt.Errorf("reading the file: %w", err)
	}
	return nil
}

// newDecoder returns a function that reads one line, as written: Line is not
// set and paths are not resolved.
func newDecoder() func(line []byte) (Row, error) {
	fast := newFastParser()
	return func(line []byte) (Row, error) {
		if !utf8.Valid(line) {
			return Row{}, errors.New("not valid UTF-8; want text with one JSON object a line")
		}
		row, err := parse(line, fast)
		if err != nil {
			return Row{}, err
		}
		return row, row.check()
	}
}

// parse lets fast read the line, if it is there and can.
func parse(line []byte, fast func([]byte) (Row, bool)) (Row, error) {
	if fast != nil {
		if row, ok := fast(line); ok {
			return row, nil
		}
	}
	return parseStd(line)
}

// resolve returns where path, as written in a file in folder, leads.
func resolve(folder, path string) string {
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(folder, filepath.FromSlash(path))
}

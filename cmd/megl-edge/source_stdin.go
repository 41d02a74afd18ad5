package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// request is a line of --stdin. A JSON string stands for its path.
type request struct {
	ID    json.RawMessage `json:"id"`
	Path  string          `json:"path"`
	Image []byte          `json:"image"` // base64
}

// failure is the answer to a request that cannot be met.
type failure struct {
	schema
	ID    json.RawMessage `json:"id,omitempty"`
	Line  int             `json:"line"`
	Error string          `json:"error"`
}

// longestRequest holds a photo of the greatest size in base64.
const longestRequest = 256 << 20

// requests reads photos from the standard input, a JSON line each. A line that cannot be
// used is answered by a [failure], and the next one is read.
func requests(std streams) shotSource {
	return func(ctx context.Context, each func(shot) error) error {
		bad := 0
		lines := bufio.NewReaderSize(std.in, 1<<16)
		for n := 1; ctx.Err() == nil; n++ {
			line, err := readLine(lines)
			if errors.Is(err, io.EOF) {
				return notUsable(bad, n-1)
			}
			if err != nil {
				return fmt.Errorf("standard input: line %d: %w", n, err)
			}
			if len(bytes.TrimSpace(line)) == 0 {
				continue
			}
			s, err := parseRequest(line, n)
			if err == nil {
				err = s.decode()
			}
			if err == nil {
				if err = each(s); err != nil {
					return err
				}
				continue
			}
			bad++
			if err := writeJSON(std.out, failure{schemaOf("error"), s.id, n, err.Error()}); err != nil {
				return err
			}
		}
		return nil
	}
}

func notUsable(bad, all int) error {
	if bad == 0 {
		return nil
	}
	return inputError{fmt.Errorf("%d of %d photos could not be used", bad, all)}
}

// readLine returns the next line, the last one with or without line end.
func readLine(r *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		if len(line)+len(part) > longestRequest {
			return nil, fmt.Errorf("has more than %d bytes", longestRequest)
		}
		line = append(line, part...)
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
		case errors.Is(err, io.EOF) && len(line) > 0:
			return line, nil
		default:
			return line, err
		}
	}
}

func parseRequest(line []byte, n int) (shot, error) {
	var r request
	if line = bytes.TrimSpace(line); line[0] == '"' {
		if err := json.Unmarshal(line, &r.Path); err != nil {
			return shot{}, fmt.Errorf("is no JSON: %w", err)
		}
	} else {
		d := json.NewDecoder(bytes.NewReader(line))
		d.DisallowUnknownFields()
		if err := d.Decode(&r); err != nil {
			return shot{id: r.ID}, fmt.Errorf(`is no request, such as "photo.jpg" or {"id": 1, "image": "base64"}: %w`, err)
		}
	}
	s := shot{name: r.Path, id: r.ID}
	switch {
	case (r.Path == "") == (len(r.Image) == 0):
		return s, errors.New("give path or image, one of them")
	case r.Path == "":
		s.name, s.content = fmt.Sprintf("line %d", n), r.Image
	}
	return s, nil
}

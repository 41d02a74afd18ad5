package safetensors

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// maxMembers bounds the keys of one object, since a key takes far more memory
// than text. No known need comes near.
const maxMembers = 1 << 18

// reader takes the JSON text of a header apart. It asks for one token after the
// other and stops at the first that has no place there, so a text that nests
// deeper than the format costs nothing.
type reader struct {
	dec  *json.Decoder
	size int // bytes of the text
}

func newReader(text []byte) *reader {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	return &reader{dec: dec, size: len(text)}
}

func (r *reader) token() (json.Token, error) {
	tok, err := r.dec.Token()
	if err == io.EOF {
		err = errors.New("text ends too early")
	}
	if err != nil {
		return nil, fmt.Errorf("not valid JSON at byte %d: %w", r.dec.InputOffset(), err)
	}
	return tok, nil
}

// end fails where anything follows the object that was read.
func (r *reader) end() error {
	if at := r.dec.InputOffset(); at != int64(r.size) {
		return fmt.Errorf("%d bytes follow the JSON object; only spaces may", int64(r.size)-at)
	}
	return nil
}

func (r *reader) delim(want json.Delim) error {
	tok, err := r.token()
	if err == nil && tok != want {
		err = fmt.Errorf("want %s, got %s", describe(want), describe(tok))
	}
	return err
}

// object reads an object and calls member behind each key, to read the value.
func (r *reader) object(member func(key string) error) error {
	if err := r.delim('{'); err != nil {
		return err
	}
	seen := map[string]struct{}{}
	for {
		tok, err := r.token()
		if err != nil {
			return err
		}
		key, ok := tok.(string)
		if !ok {
			return nil // the closing brace: the decoder lets nothing else stand here
		}
		if _, twice := seen[key]; twice {
			return fmt.Errorf("duplicate key %s", quote(key))
		}
		if len(seen) == maxMembers {
			return fmt.Errorf("more than %d keys", maxMembers)
		}
		seen[key] = struct{}{}
		if err := member(key); err != nil {
			return err
		}
	}
}

// metadata reads an object whose values are strings.
func (r *reader) metadata() (map[string]string, error) {
	metadata := map[string]string{}
	err := r.object(func(key string) error {
		value, err := r.text()
		metadata[key] = value
		return within("key "+quote(key), err)
	})
	return metadata, err
}

func (r *reader) text() (string, error) {
	tok, err := r.token()
	if err != nil {
		return "", err
	}
	s, ok := tok.(string)
	if !ok {
		return "", fmt.Errorf("want a string, got %s", describe(tok))
	}
	return s, nil
}

// integers reads an array of at most count plain integers from 0 to limit. The
// result is not nil.
func (r *reader) integers(count int, limit int64) ([]int64, error) {
	if err := r.delim('['); err != nil {
		return nil, err
	}
	list := []int64{}
	for {
		tok, err := r.token()
		if err != nil || tok == json.Delim(']') {
			return list, err
		}
		if len(list) == count {
			return nil, fmt.Errorf("more than %d numbers", count)
		}
		v, err := integer(tok, limit)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
}

func integer(tok json.Token, limit int64) (int64, error) {
	number, ok := tok.(json.Number)
	if !ok || strings.ContainsAny(string(number), "-.eE") {
		return 0, fmt.Errorf("want a plain integer, 0 or above, got %s", describe(tok))
	}
	v, err := strconv.ParseInt(string(number), 10, 64)
	if err != nil || v > limit {
		return 0, fmt.Errorf("number %s is above %d", shorten(string(number)), limit)
	}
	return v, nil
}

// describe names a token in an error.
func describe(tok json.Token) string {
	switch tok := tok.(type) {
	case nil:
		return "null"
	case string:
		return "the string " + quote(tok)
	case json.Number:
		return shorten(string(tok))
	case json.Delim:
		return map[json.Delim]string{'{': "an object", '[': "an array"}[tok]
	}
	return fmt.Sprint(tok)
}

// quote writes a text from a file so that an error stays short and printable.
func quote(s string) string { return strconv.Quote(shorten(s)) }

func shorten(s string) string {
	const most = 80
	if len(s) > most {
		return s[:most] + "..."
	}
	return s
}

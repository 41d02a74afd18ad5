package data

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
)

// jsonSpace is the white space of JSON.
const jsonSpace = " \t\r\n"

// The types of a JSON value, as messages name them.
const (
	isText   = "text"
	isObject = "an object"
	isList   = "a list"
	isBool   = "true or false"
	isNull   = "null"
	isNumber = "a number"
)

// kindOf names the type of a valid JSON value without leading space.
func kindOf(value []byte) string {
	switch value[0] {
	case '"':
		return isText
	case '{':
		return isObject
	case '[':
		return isList
	case 't', 'f':
		return isBool
	case 'n':
		return isNull
	}
	return isNumber
}

// parseStd reads one line of valid UTF-8 by encoding/json. It defines which
// lines are rows.
func parseStd(line []byte) (Row, error) {
	line = bytes.Trim(line, jsonSpace)
	if err := checkSyntax(line); err != nil {
		return Row{}, err
	}
	if kind := kindOf(line); kind != isObject {
		return Row{}, fmt.Errorf("the line is %s, want an object", kind)
	}
	return readObject(line)
}

// checkSyntax tells whether line is one JSON value without half surrogates.
func checkSyntax(line []byte) error {
	var value json.RawMessage
	err := json.Unmarshal(line, &value)
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return fmt.Errorf("not a JSON object: byte %d: %w", syntax.Offset, err)
	}
	if err != nil {
		return fmt.Errorf("not a JSON object: %w", err)
	}
	return checkSurrogates(line)
}

// readObject reads the keys and values of the valid JSON object in line.
func readObject(line []byte) (Row, error) {
	var row Row
	var seen [len(fields)]bool
	d := json.NewDecoder(bytes.NewReader(line))
	if _, err := d.Token(); err != nil { // the opening brace
		return Row{}, err
	}
	for d.More() {
		i, value, err := readMember(d)
		if err != nil {
			return Row{}, err
		}
		if i < 0 {
			continue
		}
		if seen[i] {
			return Row{}, fmt.Errorf("%q occurs twice", fields[i].key)
		}
		seen[i] = true
		if err := fields[i].set(&row, value); err != nil {
			return Row{}, err
		}
	}
	return row, nil
}

// readMember reads a key, as its place in fields or -1, and its value.
func readMember(d *json.Decoder) (int, json.RawMessage, error) {
	key, err := d.Token()
	if err != nil {
		return 0, nil, err
	}
	var value json.RawMessage
	err = d.Decode(&value)
	return fieldIndex(key.(string)), value, err
}

// set stores value in row. A null leaves the field empty.
func (f *field) set(row *Row, value json.RawMessage) error {
	kind := kindOf(value)
	switch {
	case kind == isNull:
		return nil
	case f.text != nil && kind == isText:
		return json.Unmarshal(value, f.text(row))
	case f.list != nil && kind == isList:
		return f.setList(row, value)
	case f.number != nil && kind == isNumber:
		return f.setNumber(row, value)
	}
	return fmt.Errorf("%q is %s, want %s", f.key, kind, f.want())
}

func (f *field) setList(row *Row, value json.RawMessage) error {
	var elements []json.RawMessage
	if err := json.Unmarshal(value, &elements); err != nil {
		return err
	}
	list := make([]string, len(elements))
	for i, e := range elements {
		if kind := kindOf(e); kind != isText {
			return fmt.Errorf("%q holds %s, want text", f.key, kind)
		}
		if err := json.Unmarshal(e, &list[i]); err != nil {
			return err
		}
	}
	*f.list(row) = list
	return nil
}

func (f *field) setNumber(row *Row, value json.RawMessage) error {
	number, err := strconv.ParseFloat(string(value), 64)
	if err != nil {
		return fmt.Errorf("%q is beyond the range of float64", f.key)
	}
	*f.number(row) = number
	return nil
}

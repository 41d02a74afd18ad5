package main

import (
	"encoding/json"
	"io"
)

// schema is the first field of every JSON line: the command and the version of
// its fields. A field that is added keeps the version; one that changes or goes
// away does not.
type schema struct {
	Schema string `json:"schema"`
}

func schemaOf(command string) schema { return schema{"megl-edge/" + command + "/1"} }

// writeJSON prints v as one line.
func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

package slot

import (
	"encoding/json"
	"fmt"
	"os"
	"time"

	"megl-edge/runtime/model"
)

// Record tells where a generation comes from. It is written once and stays when the
// model is pruned, so that the chain of records is never broken.
type Record struct {
	Reference
	Size     int64            `json:"size"` // bytes of the model
	Parent   *Parent          `json:"parent,omitempty"`
	Promoted time.Time        `json:"promoted"` // for people; the number is the order
	Version  string           `json:"version"`  // of the program that promoted it
	Origin   model.Provenance `json:"origin"`   // from the model: how it was made, of what, with which seed
	// Gate is what the gate measured and decided; nil of the first generation where it
	// had nothing to measure with.
	Gate json.RawMessage `json:"gate,omitempty"`
}

// Parent is the generation that was current when another one was promoted.
type Parent struct {
	Generation   int    `json:"generation"`
	SHA256       string `json:"sha256"`        // of its model
	RecordSHA256 string `json:"record_sha256"` // of the file of its record
}

func recordFile(n int) string { return fmt.Sprintf("%04d.json", n) }

func modelFile(n int) string { return fmt.Sprintf("%04d.megl", n) }

// Record reads the record of a generation.
func (s *Store) Record(n int) (Record, error) {
	r, _, err := s.record(n)
	return r, err
}

// record also returns the SHA-256 of the record's file.
func (s *Store) record(n int) (Record, string, error) {
	path := s.path(recordFile(n))
	f, err := os.Open(path)
	if err != nil {
		return Record{}, "", fmt.Errorf("generation %d: %w", n, err)
	}
	defer f.Close()
	var r Record
	if err := json.NewDecoder(f).Decode(&r); err != nil {
		return Record{}, "", fmt.Errorf("%s: %w", path, err)
	}
	if err := r.check(); err != nil || r.Generation != n {
		return Record{}, "", fmt.Errorf("%s: is not the record of generation %d", path, n)
	}
	if _, err := f.Seek(0, 0); err != nil {
		return Record{}, "", err
	}
	sum, _, err := sumOf(f)
	return r, sum, err
}

// Chain returns the records of a generation and all before it, the youngest first. It
// fails where a record is not the one that its child was promoted over, or where a
// model that is still there is not the one of its record.
func (s *Store) Chain(n int) ([]Record, error) {
	var chain []Record
	for want := (*Parent)(nil); ; {
		r, sum, err := s.record(n)
		if err != nil {
			return nil, err
		}
		if want != nil && (sum != want.RecordSHA256 || r.SHA256 != want.SHA256) {
			return nil, fmt.Errorf("%s: was changed after generation %d was promoted over it: SHA-256 %s, not %s",
				s.path(recordFile(n)), chain[len(chain)-1].Generation, sum, want.RecordSHA256)
		}
		if err := s.Verify(r.Reference); err != nil && !os.IsNotExist(err) {
			return nil, err
		}
		chain = append(chain, r)
		if r.Parent == nil {
			return chain, nil
		}
		if r.Parent.Generation >= n {
			return nil, fmt.Errorf("%s: its parent, generation %d, is not older", s.path(recordFile(n)), r.Parent.Generation)
		}
		want, n = r.Parent, r.Parent.Generation
	}
}

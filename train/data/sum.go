package data

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
)

// Sum returns the SHA-256, hexadecimal, of what a model can learn from the rows: their
// labels, regions, sentences and all else that they say, and the bytes of their photos and masks.
// Where the files lie and what they are called does not count. A file that cannot be read
// counts as empty.
func (d *Dataset) Sum() (string, error) {
	h := sha256.New()
	encoder := json.NewEncoder(h)
	for i := range d.rows {
		row := d.rows[i]
		if row.Region != nil {
			if err := row.Region.sum(h); err != nil {
				return "", err
			}
		}
		row.ID, row.Image, row.Mask, row.Region, row.Line = "", fileSum(row.Image), fileSum(row.Mask), nil, 0
		if err := encoder.Encode(row); err != nil {
			return "", fmt.Errorf("%s: row %d: %w", d.path, i+1, err)
		}
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// fileSum returns the SHA-256 of a file, or "" where there is none that can be read.
func fileSum(path string) string {
	if path == "" {
		return ""
	}
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return ""
	}
	return hex.EncodeToString(h.Sum(nil))
}

package main

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"io"
	"math"
	"time"

	"megl-edge/runtime/predictionlog"
)

// logFlag is the --prediction-log of the commands that predict.
type logFlag struct {
	PredictionLog string `placeholder:"FILE" help:"Append a row for each photo, for audits: time, photo, model and map by their hashes, label, sentence. A result is printed once its row is on disk."`
}

// account appends what a model says to a log; one of no log does nothing.
type account struct {
	log    *predictionlog.Log
	model  string // SHA-256
	err    io.Writer
	warned bool
}

// openAccount opens the log that was asked for.
func (f *logFlag) openAccount(o *opened, w io.Writer) (*account, error) {
	if f.PredictionLog == "" {
		return &account{}, nil
	}
	if o.sum == "" {
		var err error
		if o.sum, err = modelSum(o.name); err != nil {
			return nil, badInput(err)
		}
	}
	log, err := predictionlog.Open(f.PredictionLog)
	a := &account{model: o.sum, err: w}
	if err != nil {
		// What is asked for first of all is the explanation.
		a.warn(err)
		return a, nil
	}
	a.log = log
	return a, nil
}

func (a *account) close() error {
	if a.log == nil {
		return nil
	}
	return a.log.Close()
}

// note appends a row, and tells whether the photo goes without one though it was asked
// for. heat is the map's values; nil where there is none.
func (a *account) note(s shot, label string, probability float32, heat []float32, sentence string) (unlogged bool) {
	if a.model == "" {
		return false
	}
	if a.log == nil {
		return true
	}
	p := predictionlog.Prediction{
		Time: time.Now().UTC(), Photo: s.name, ModelSHA256: a.model, Label: label, Sentence: sentence,
		Probability: probability, MapSHA256: mapSum(heat),
	}
	var err error
	if p.PhotoSHA256, err = s.sum(); err == nil {
		err = a.log.Append(p)
	}
	if err != nil {
		a.warn(err)
		return true
	}
	return false
}

// warn says once that rows are missing.
func (a *account) warn(err error) {
	if !a.warned {
		loggerTo(a.err).
			Warn("photos are explained, but not logged", "reason", err.Error())
	}
	a.warned = true
}

// mapSum returns the SHA-256 of a heat map's values, float32, little-endian, row by row.
func mapSum(values []float32) string {
	if len(values) == 0 {
		return ""
	}
	h := sha256.New()
	for _, v := range values {
		h.Write(binary.LittleEndian.AppendUint32(nil, math.Float32bits(v)))
	}
	return hex.EncodeToString(h.Sum(nil))
}

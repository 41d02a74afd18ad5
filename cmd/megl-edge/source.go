package main

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// sourceFlags say where photos come from.
type sourceFlags struct {
	Photos []string      `arg:"" optional:"" name:"photo" help:"Photos: JPEG, PNG, GIF, WebP or BMP."`
	Stdin  bool          `help:"Read requests from the standard input and print a JSON line for each: a line is a path, or {\"path\": …} or {\"image\": base64}, in JSON, with an \"id\" if you like."`
	Watch  string        `placeholder:"DIR" help:"Explain the photos of a folder, and those that come into it, each once, until interrupted."`
	Seen   string        `placeholder:"FILE" help:"With --watch: where it notes what it has done, so that nothing is done again after a restart; .megl-edge-seen in the folder by default."`
	Camera string        `placeholder:"DEVICE" help:"Explain what a camera sees, such as /dev/video0, until interrupted."`
	Every  time.Duration `default:"1s" help:"With --watch and --camera: how often to look."`
	Count  int           `default:"0" placeholder:"N" help:"With --watch and --camera: stop after N photos; 0 never does."`
}

// streams tells whether photos come one by one, without end.
func (f *sourceFlags) streams() bool { return f.Stdin || f.Watch != "" || f.Camera != "" }

// source returns the one source that was asked for.
func (f *sourceFlags) source(std streams) (shotSource, error) {
	asked := 0
	for _, one := range []bool{len(f.Photos) > 0, f.Stdin, f.Watch != "", f.Camera != ""} {
		if one {
			asked++
		}
	}
	const least = 10 * time.Millisecond
	switch {
	case asked == 0:
		return nil, inputError{errors.New("give photos, or one of --stdin, --watch and --camera")}
	case asked > 1:
		return nil, inputError{errors.New("give photos, or --stdin, or --watch, or --camera: one of them")}
	case f.Every < least:
		return nil, inputError{fmt.Errorf("--every %v: give at least %v", f.Every, least)}
	case f.Count < 0:
		return nil, inputError{fmt.Errorf("--count %d: give a number of photos, or 0 for no end", f.Count)}
	case f.Seen != "" && f.Watch == "":
		return nil, inputError{errors.New("--seen: is for --watch")}
	case f.Stdin:
		return requests(std), nil
	case f.Watch != "":
		return f.watch(std)
	case f.Camera != "":
		return f.camera(std), nil
	}
	return func(ctx context.Context, each func(shot) error) error { return forEachPhoto(ctx, std, f.Photos, each) }, nil
}

// errEnough ends a source that has a limit.
var errEnough = errors.New("as many photos as were asked for")

// limited counts photos up to --count.
func (f *sourceFlags) limited(each func(shot) error) func(shot) error {
	done := 0
	return func(s shot) error {
		if err := each(s); err != nil {
			return err
		}
		if done++; f.Count > 0 && done >= f.Count {
			return errEnough
		}
		return nil
	}
}

// ended tells whether --count is reached.
func ended(err error) bool { return errors.Is(err, errEnough) }

// pause waits, or returns early when the context ends.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

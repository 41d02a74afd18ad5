package main

import (
	"context"
	"fmt"
	"time"

	"megl-edge/runtime/camera"
)

// camera explains the newest frame each time, and then rests until --every is over.
func (f *sourceFlags) camera(std streams) shotSource {
	return func(ctx context.Context, each func(shot) error) error {
		c, err := camera.Open(f.Camera)
		if err != nil {
			return badInput(err)
		}
		defer c.Close()
		each = f.limited(each)
		for n := 1; ctx.Err() == nil; n++ {
			start := time.Now()
			frame, err := c.Next(ctx)
			if ctx.Err() != nil {
				return nil
			}
			if err != nil {
				return err
			}
			s := shot{name: fmt.Sprintf("%s frame %d", f.Camera, n), content: frame.Data}
			if s.photo, err = frame.Image(); err != nil {
				report(std, fmt.Errorf("%s: %w", s.name, err)) // the next one may be better
			} else if err = each(s); ended(err) {
				return nil
			} else if err != nil {
				return err
			}
			pause(ctx, f.Every-time.Since(start))
		}
		return nil
	}
}

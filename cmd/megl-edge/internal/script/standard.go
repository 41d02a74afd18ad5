package script

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/d5/tengo/v2"
	"github.com/d5/tengo/v2/stdlib"
)

// safe are the modules of Tengo's library that reach nothing outside of the script.
var safe = []string{"math", "text", "times", "rand", "json", "base64", "hex"}

// standard returns them, with what prints and sleeps under control.
func (e *Engine) standard() map[string]map[string]tengo.Object {
	modules := map[string]map[string]tengo.Object{}
	for _, name := range safe {
		members := map[string]tengo.Object{}
		for member, object := range stdlib.BuiltinModules[name] {
			members[member] = object
		}
		modules[name] = members
	}
	modules["times"]["sleep"] = e.Function("sleep", e.sleep)
	modules["fmt"] = map[string]tengo.Object{
		"print":   e.Function("print", e.print("")),
		"println": e.Function("println", e.print("\n")),
		"printf":  e.Function("printf", e.printf),
		"sprintf": stdlib.BuiltinModules["fmt"]["sprintf"],
	}
	return modules
}

// addEnum adds Tengo's module for collections, which is a script.
func addEnum(modules *tengo.ModuleMap) {
	modules.AddSourceModule("enum", []byte(stdlib.SourceModules["enum"]))
}

func (e *Engine) print(end string) func([]tengo.Object) (tengo.Object, error) {
	return func(args []tengo.Object) (tengo.Object, error) {
		for _, a := range args {
			text, _ := tengo.ToString(a)
			if _, err := io.WriteString(e.out, text); err != nil {
				return nil, err
			}
		}
		_, err := io.WriteString(e.out, end)
		return nil, err
	}
}

func (e *Engine) printf(args []tengo.Object) (tengo.Object, error) {
	if len(args) == 0 {
		return nil, tengo.ErrWrongNumArguments
	}
	format, ok := args[0].(*tengo.String)
	if !ok {
		return nil, tengo.ErrInvalidArgumentType{Name: "format", Expected: "string", Found: args[0].TypeName()}
	}
	text, err := tengo.Format(format.Value, args[1:]...)
	if err != nil {
		return nil, err
	}
	_, err = io.WriteString(e.out, text)
	return nil, err
}

// sleep waits as many nanoseconds as times.sleep, but no longer than the script may run.
func (e *Engine) sleep(args []tengo.Object) (tengo.Object, error) {
	if len(args) != 1 {
		return nil, tengo.ErrWrongNumArguments
	}
	d, ok := tengo.ToInt64(args[0])
	if !ok {
		return nil, tengo.ErrInvalidArgumentType{Name: "duration", Expected: "int", Found: args[0].TypeName()}
	}
	timer := time.NewTimer(time.Duration(d))
	defer timer.Stop()
	select {
	case <-e.ctx.Done():
		return nil, e.ctx.Err()
	case <-timer.C:
		return nil, nil
	}
}

// longestRange is the greatest number of elements of range: Tengo's own makes all of them
// in one operation, whatever they take.
const longestRange = 1 << 20

func boundedRange(args ...tengo.Object) (tengo.Object, error) {
	if len(args) < 2 || len(args) > 3 {
		return nil, tengo.ErrWrongNumArguments
	}
	values := [3]int64{0, 0, 1}
	for i, a := range args {
		v, ok := a.(*tengo.Int)
		if !ok {
			return nil, tengo.ErrInvalidArgumentType{Name: []string{"start", "stop", "step"}[i], Expected: "int", Found: a.TypeName()}
		}
		values[i] = v.Value
	}
	start, stop, step := values[0], values[1], values[2]
	if step <= 0 {
		return nil, errors.New("range: the step must be above 0")
	}
	// Unsigned, the distance of any two numbers fits.
	distance, sign := uint64(stop)-uint64(start), int64(1)
	if stop < start {
		distance, sign = uint64(start)-uint64(stop), -1
	}
	count := distance / uint64(step)
	if distance%uint64(step) != 0 {
		count++
	}
	if count > longestRange {
		return nil, fmt.Errorf("range: %d elements, at most %d are allowed", count, longestRange)
	}
	array := &tengo.Array{}
	for i := range int64(count) {
		array.Value = append(array.Value, &tengo.Int{Value: start + sign*i*step})
	}
	return array, nil
}

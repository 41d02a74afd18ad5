package script

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"

	"github.com/d5/tengo/v2"
)

// Limits bound what a script may take.
type Limits struct {
	Objects int64  // that it makes, in all
	Text    int    // bytes of a string or byte array
	Memory  uint64 // bytes that it makes the heap grow by, between two calls of modules
	Stack   int    // bytes of the Go stack
}

// DefaultLimits are meant for small devices.
func DefaultLimits() Limits {
	return Limits{Objects: 50_000_000, Text: 16 << 20, Memory: 256 << 20, Stack: 64 << 20}
}

// longestScript is the greatest length of a script in bytes.
const longestScript = 1 << 20

// Why a script was stopped.
var (
	ErrMemory  = errors.New("takes more memory than it may")
	ErrObjects = errors.New("makes more objects than it may")
	ErrTime    = errors.New("takes more time than it may")
	ErrDepth   = errors.New("calls itself, or nests calls, too deeply")
)

// Engine runs one script. Make it with [New].
type Engine struct {
	name   string
	limits Limits
	out    io.Writer
	ctx    context.Context
	stop   context.CancelCauseFunc
	meter  meter
	// Stuck is called where a script cannot be stopped for its memory, with the error that
	// Run would return; it should end the process. nil: nothing is done.
	Stuck   func(error)
	modules map[string]map[string]tengo.Object
}

// New returns an engine for a script of the given name, which messages begin with. out is
// where it prints. It sets limits of the whole process: those of texts, of the stack, and of
// Tengo's range.
func New(ctx context.Context, name string, out io.Writer, limits Limits) *Engine {
	tengo.MaxStringLen, tengo.MaxBytesLen = limits.Text, limits.Text
	debug.SetMaxStack(limits.Stack)
	for _, builtin := range tengo.GetAllBuiltinFunctions() {
		if builtin.Name == "range" {
			builtin.Value = boundedRange
		}
	}
	e := &Engine{name: name, limits: limits, out: out}
	e.ctx, e.stop = context.WithCancelCause(ctx)
	e.modules = e.standard()
	return e
}

// Context ends when the script must stop: functions that take long look at it.
func (e *Engine) Context() context.Context { return e.ctx }

// Add gives the script a module to import.
func (e *Engine) Add(name string, members map[string]tengo.Object) { e.modules[name] = members }

// Function makes a function for scripts. What it takes does not count as the script's.
func (e *Engine) Function(name string, do func(args []tengo.Object) (tengo.Object, error)) tengo.Object {
	return &tengo.UserFunction{Name: name, Value: func(args ...tengo.Object) (tengo.Object, error) {
		e.meter.pause()
		defer e.meter.resume()
		if err := e.ctx.Err(); err != nil {
			return nil, context.Cause(e.ctx)
		}
		result, err := do(args)
		if result == nil && err == nil {
			result = tengo.UndefinedValue
		}
		return result, err
	}}
}

// Run runs a script with its arguments, which it sees as `args`.
func (e *Engine) Run(source []byte, args []string) error {
	defer e.stop(nil)
	if len(source) > longestScript {
		return fmt.Errorf("%s: has %d bytes, at most %d are allowed", e.name, len(source), longestScript)
	}
	s := tengo.NewScript(source)
	s.SetMaxAllocs(e.limits.Objects)
	modules := tengo.NewModuleMap()
	for name, members := range e.modules {
		modules.AddBuiltinModule(name, members)
	}
	addEnum(modules)
	s.SetImports(modules)
	values := make([]any, len(args))
	for i, a := range args {
		values[i] = a
	}
	if err := s.Add("args", values); err != nil {
		return fmt.Errorf("%s: %w", e.name, err)
	}
	compiled, err := s.Compile()
	if err != nil {
		return e.located(err)
	}
	done := make(chan struct{})
	watched := e.meter.watch(done, e.limits.Memory, func() { e.stop(ErrMemory) }, func() {
		if e.Stuck != nil {
			e.Stuck(e.located(ErrMemory))
		}
	})
	err = compiled.RunContext(e.ctx)
	close(done)
	<-watched
	return e.located(e.cause(err))
}

// cause puts the reason why a script was stopped in the place of what the machine says.
func (e *Engine) cause(err error) error {
	if err == nil {
		return nil
	}
	switch cause := context.Cause(e.ctx); {
	case errors.Is(cause, ErrMemory):
		return ErrMemory
	case errors.Is(cause, context.DeadlineExceeded):
		return ErrTime
	case errors.Is(err, tengo.ErrObjectAllocLimit):
		return ErrObjects
	}
	// Tengo's machine checks its frames, but not its stack.
	var beyond runtime.Error
	if errors.As(err, &beyond) || errors.Is(err, tengo.ErrStackOverflow) {
		return ErrDepth
	}
	return err
}

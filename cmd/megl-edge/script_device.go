package main

import (
	"github.com/d5/tengo/v2"

	"megl-edge/cmd/megl-edge/internal/device"
	"megl-edge/cmd/megl-edge/internal/script"
)

// deviceModule says how a machine is doing; undefined where it does not say.
func deviceModule(e *script.Engine, m device.Machine) map[string]tengo.Object {
	function := func(name string, of func() (any, bool)) tengo.Object {
		return e.Function(name, func(args []tengo.Object) (tengo.Object, error) {
			if len(args) != 0 {
				return nil, tengo.ErrWrongNumArguments
			}
			v, ok := of()
			if !ok {
				return nil, nil
			}
			return tengo.FromInterface(v)
		})
	}
	return map[string]tengo.Object{
		"temperature": function("temperature", func() (any, bool) { return first(m.Temperature()) }),
		"load":        function("load", func() (any, bool) { return first(m.Load()) }),
		"processors":  function("processors", func() (any, bool) { return m.Processors(), true }),
		"memory": function("memory", func() (any, bool) {
			total, available, ok := m.Memory()
			return map[string]any{"total": total, "available": available}, ok
		}),
		"battery": function("battery", func() (any, bool) {
			percent, discharging, ok := m.Battery()
			return map[string]any{"percent": percent, "discharging": discharging}, ok
		}),
	}
}

func first(v float64, ok bool) (any, bool) { return v, ok }

package optim

import (
	"fmt"
	"math"
)

// Optimizer makes one step after another.
type Optimizer interface {
	// Step changes the values of the parameters, which are the same ones, in the
	// same order, in every call. rate is the learning rate of this step.
	Step(rate float32, parameters []Parameter)
	// State returns what the optimizer remembers of the parameter with the given
	// index, by name: slices that Step changes. They are made, as zeros, where
	// they do not exist.
	State(parameters []Parameter, index int) map[string][]float32
	// Names lists the names in State, in a fixed order.
	Names() []string
	// Steps returns the number of steps made; SetSteps continues from there.
	Steps() int
	SetSteps(n int)
}

// memory is what an optimizer keeps of every parameter: a number of slices of its
// length.
type memory struct {
	names  []string
	slices [][][]float32 // [parameter][name]
	steps  int
}

func (m *memory) of(parameters []Parameter, index int) [][]float32 {
	if m.slices == nil {
		m.slices = make([][][]float32, len(parameters))
	}
	if m.slices[index] == nil {
		for range m.names {
			m.slices[index] = append(m.slices[index], make([]float32, len(parameters[index].Value)))
		}
	}
	return m.slices[index]
}

// State implements [Optimizer].
func (m *memory) State(parameters []Parameter, index int) map[string][]float32 {
	state := map[string][]float32{}
	for i, s := range m.of(parameters, index) {
		state[m.names[i]] = s
	}
	return state
}

// Names implements [Optimizer].
func (m *memory) Names() []string { return m.names }

// Steps implements [Optimizer].
func (m *memory) Steps() int { return m.steps }

// SetSteps implements [Optimizer].
func (m *memory) SetSteps(n int) { m.steps = n }

// prepare makes the memory of all parameters and counts a step.
func (m *memory) prepare(parameters []Parameter) {
	for i := range parameters {
		m.of(parameters, i)
	}
	m.steps++
}

// SGD is stochastic gradient descent with momentum (Sutskever et al., 2013, in the
// form of PyTorch):
//
//	v = momentum·v + (gradient + decay·value);  value = value − rate·v
type SGD struct {
	memory
	momentum, decay float32
}

// NewSGD returns the optimizer. momentum and decay are 0 for none.
func NewSGD(momentum, decay float32) *SGD {
	return &SGD{memory{names: []string{"velocity"}}, momentum, decay}
}

// Step implements [Optimizer].
func (o *SGD) Step(rate float32, parameters []Parameter) {
	o.prepare(parameters)
	each(parameters, func(p, first, last int) {
		velocity := o.slices[p][0][first:last]
		value, gradient := parameters[p].Value[first:last], parameters[p].Gradient[first:last]
		rate := parameters[p].rate(rate)
		decay := float32(0)
		if parameters[p].Decay {
			decay = o.decay
		}
		for i, v := range velocity {
			g := gradient[i] + float32(decay*value[i])
			v = float32(o.momentum*v) + g
			velocity[i] = v
			value[i] -= float32(rate * v)
		}
	})
}

// AdamW is Adam with decoupled weight decay (Loshchilov and Hutter, 2019,
// algorithm 2):
//
//	m = β₁·m + (1−β₁)·gradient;  s = β₂·s + (1−β₂)·gradient²
//	value = value − rate·decay·value − rate·(m/(1−β₁ᵗ))/(√(s/(1−β₂ᵗ)) + 1e-8)
type AdamW struct {
	memory
	beta1, beta2, decay float32
}

const adamEpsilon = 1e-8

// NewAdamW returns the optimizer with β₁ = 0.9 and β₂ = 0.999.
func NewAdamW(decay float32) *AdamW {
	return &AdamW{memory{names: []string{"mean", "square"}}, 0.9, 0.999, decay}
}

// Step implements [Optimizer].
func (o *AdamW) Step(rate float32, parameters []Parameter) {
	o.prepare(parameters)
	correct1, correct2 := 1-power(o.beta1, o.steps), 1-power(o.beta2, o.steps)
	each(parameters, func(p, first, last int) {
		mean, square := o.slices[p][0][first:last], o.slices[p][1][first:last]
		value, gradient := parameters[p].Value[first:last], parameters[p].Gradient[first:last]
		rate := parameters[p].rate(rate)
		shrink := float32(0)
		if parameters[p].Decay {
			shrink = rate * o.decay
		}
		for i, g := range gradient {
			m := float32(o.beta1*mean[i]) + float32((1-o.beta1)*g)
			s := float32(o.beta2*square[i]) + float32((1-o.beta2)*float32(g*g))
			mean[i], square[i] = m, s
			deviation := float32(math.Sqrt(float64(s/correct2))) + adamEpsilon
			v := value[i] - float32(shrink*value[i])
			value[i] = v - float32(rate*float32(float32(m/correct1)/deviation))
		}
	})
}

// power returns xⁿ, by squaring, each product rounded.
func power(x float32, n int) float32 {
	result := float32(1)
	for ; n > 0; n /= 2 {
		if n%2 == 1 {
			result *= x
		}
		x *= x
	}
	return result
}

// New returns the optimizer of the given name, "sgd" (momentum 0.9) or "adamw".
func New(name string, decay float32) (Optimizer, error) {
	switch name {
	case "sgd":
		return NewSGD(0.9, decay), nil
	case "adamw":
		return NewAdamW(decay), nil
	}
	return nil, fmt.Errorf("optimizer %q is not known; there are sgd and adamw", name)
}

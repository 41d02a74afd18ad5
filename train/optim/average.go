package optim

// Average is a moving average of weights: average = decay·average +
// (1 − decay)·value after every step. It often generalises better than the
// weights of the last step (Polyak and Juditsky, 1992).
type Average struct {
	Decay  float32
	Values [][]float32 // by parameter
}

// NewAverage returns an average that starts at the parameters' values.
func NewAverage(decay float32, parameters []Parameter) *Average {
	a := &Average{Decay: decay, Values: make([][]float32, len(parameters))}
	for i, p := range parameters {
		a.Values[i] = append([]float32(nil), p.Value...)
	}
	return a
}

// Add takes the present values into the average.
func (a *Average) Add(parameters []Parameter) {
	each(parameters, func(p, first, last int) {
		value := parameters[p].Value[first:last]
		for i, v := range a.Values[p][first:last] {
			a.Values[p][first+i] = float32(a.Decay*v) + float32((1-a.Decay)*value[i])
		}
	})
}

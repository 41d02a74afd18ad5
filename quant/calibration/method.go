package calibration

import (
	"fmt"
	"strings"
)

// Method is how the range of an activation is chosen.
type Method string

// The methods.
const (
	// MinMax takes everything that was seen, exactly.
	MinMax Method = "minmax"
	// Percentile leaves up to 0.005 % of the values out at each end, to within a
	// thousandth of the greatest magnitude.
	Percentile Method = "percentile"
	// MSE takes the range with the least mean squared error, of which one end or
	// both may be as near to 0 as a 28th of what was seen.
	MSE Method = "mse"
	// Entropy takes the range that loses the least information (Migacz, "8-bit
	// Inference with TensorRT", GTC 2017). It takes many values, 100 000 say: of
	// a few thousand it cuts off too much.
	Entropy Method = "entropy"
)

// Methods lists all methods.
func Methods() []Method { return []Method{MinMax, Percentile, MSE, Entropy} }

// Check fails on a method that is not known.
func (m Method) Check() error {
	var names []string
	for _, known := range Methods() {
		if m == known {
			return nil
		}
		names = append(names, string(known))
	}
	return fmt.Errorf("there is no calibration method %.32q; there are: %s", string(m), strings.Join(names, ", "))
}

package kernels

// ArgMaxPool returns the task that finds the pixel which a maximum pooling of x
// takes, as row·width + column; of equal values the first, in row-major order.
func ArgMaxPool[T int8 | float32](s PoolShape, y []int32, x []T) Task {
	return &pool{PoolShape: s, pixel: func(i, n, top, bottom, left, right int, _ []byte) {
		c := s.Channels
		taken, image := y[i*c:][:c], x[s.at(n, 0, 0):]
		fill(taken, int32(top*s.Width+left))
		for row := top; row < bottom; row++ {
			for column := left; column < right; column++ {
				pixel := row*s.Width + column
				for j, v := range image[pixel*c:][:c] {
					if v > image[int(taken[j])*c+j] {
						taken[j] = int32(pixel)
					}
				}
			}
		}
	}}
}

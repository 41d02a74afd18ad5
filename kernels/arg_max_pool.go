package kernels

// ArgMaxPool returns the task that finds the pixel which a maximum pooling of x
// takes, as row·width + column; of equal values the first, in row-major order.
func ArgMaxPool[T int8 | float32](s PoolShape, y []int32, x []T) Task {
	c := s.Channels
	return &pool{PoolShape: s, scratch: scratchBytes[T](c), pixel: func(i, n, top, bottom, left, right int, scratch []byte) {
		taken, image := y[i*c:][:c], x[s.at(n, 0, 0):]
		greatest, _ := take[T](scratch, c)
		first := top*s.Width + left
		fill(taken, int32(first))
		copy(greatest, image[first*c:])
		for row := top; row < bottom; row++ {
			for column := left; column < right; column++ {
				pixel := row*s.Width + column
				for j, v := range image[pixel*c:][:len(taken)] {
					if v > greatest[j] {
						greatest[j], taken[j] = v, int32(pixel)
					}
				}
			}
		}
	}}
}

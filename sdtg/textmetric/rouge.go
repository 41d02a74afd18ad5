package textmetric

// rougeBeta weighs recall against precision.
const rougeBeta = 1.2

// rougeL is the F-measure of the longest common subsequence. As in the COCO tools the
// best precision and the best recall may be of different references.
func rougeL(it Item) float64 {
	const b2 = rougeBeta * rougeBeta
	precision, recall := 0.0, 0.0
	for _, r := range it.References {
		common := float64(commonSubsequence(it.Candidate, r))
		if common > 0 {
			precision = max(precision, common/float64(len(it.Candidate)))
			recall = max(recall, common/float64(len(r)))
		}
	}
	if precision == 0 {
		return 0
	}
	return (1 + b2) * precision * recall / (recall + float64(b2*precision))
}

// commonSubsequence is the length of the longest one of a and b.
func commonSubsequence(a, b []string) int {
	row := make([]int, len(b)+1)
	for _, x := range a {
		diagonal := 0
		for j, y := range b {
			above := row[j+1]
			if x == y {
				row[j+1] = diagonal + 1
			} else {
				row[j+1] = max(above, row[j])
			}
			diagonal = above
		}
	}
	return row[len(b)]
}

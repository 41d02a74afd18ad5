package textmetric

// rougeBeta weighs recall against precision.
const rougeBeta = 1.2

// rougeL is the mean over items of the F-measure of the longest common
// subsequence. As in the COCO tools the best precision and the best recall may be
// of different references.
func rougeL(items []Item) float64 {
	const b2 = rougeBeta * rougeBeta
	sum := 0.0
	for _, it := range items {
		precision, recall := 0.0, 0.0
		for _, r := range it.References {
			common := float64(commonSubsequence(it.Candidate, r))
			if common > 0 {
				precision = max(precision, common/float64(len(it.Candidate)))
				recall = max(recall, common/float64(len(r)))
			}
		}
		if precision > 0 {
			sum += (1 + b2) * precision * recall / (recall + float64(b2*precision))
		}
	}
	return sum / float64(len(items))
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

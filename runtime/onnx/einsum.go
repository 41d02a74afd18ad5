package onnx

import (
	"fmt"
	"slices"
	"strings"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

// convertEinsum: every operand gets one axis for each letter, in one order; the
// product is reduced over the letters that the result does not have. Two
// operands that share a reduced letter are multiplied as matrices.
func convertEinsum(c *call) ([]value, error) {
	if err := c.require(1); err != nil {
		return nil, err
	}
	equation, err := c.string("equation", "")
	if err != nil {
		return nil, err
	}
	e, err := c.parseEinsum(equation)
	if err != nil {
		return nil, err
	}
	terms := make([]labelled, len(c.in))
	for i, v := range c.in {
		if terms[i], err = c.withoutRepeats(labelled{c.plain(v), e.operands[i]}); err != nil {
			return nil, err
		}
	}
	product := terms[0]
	for i, next := range terms[1:] {
		needed := e.result
		for _, later := range terms[i+2:] {
			needed += later.labels
		}
		if product, err = c.contract(product, next, needed); err != nil {
			return nil, err
		}
	}
	product = c.reduced(product, e.result)
	return single(value{id: c.withLabels(product, e.result)}, nil)
}

// labelled is a node and the letter of each of its axes.
type labelled struct {
	id     graph.ID
	labels string
}

type einsum struct {
	operands []string
	result   string
}

// parseEinsum reads "ij,jk->ik". An ellipsis stands for the axes without a
// letter, which get capital ones from the end of the alphabet.
func (c *call) parseEinsum(equation string) (e einsum, err error) {
	text := strings.ReplaceAll(equation, " ", "")
	left, right, explicit := strings.Cut(text, "->")
	parts := strings.Split(left, ",")
	if len(parts) != len(c.in) {
		return e, fmt.Errorf("equation %s has %d operands, there are %d", quoted(equation), len(parts), len(c.in))
	}
	widest := ""
	for i, part := range parts {
		letters := strings.Replace(part, "...", "", 1)
		rest := len(c.shape(c.in[i])) - len(letters)
		dotted := letters != part
		if strings.ContainsFunc(letters, func(r rune) bool { return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z') }) ||
			rest < 0 || !dotted && rest != 0 || rest > 10 {
			return e, fmt.Errorf("operand %s of equation %s does not fit shape %v", quoted(part), quoted(equation), c.shape(c.in[i]))
		}
		dots := "0123456789"[10-rest:] // aligned at the end, as broadcasting is
		if len(dots) > len(widest) {
			widest = dots
		}
		e.operands = append(e.operands, strings.Replace(part, "...", dots, 1))
	}
	if explicit {
		e.result = strings.Replace(right, "...", widest, 1)
		return e, checkResult(e, equation)
	}
	// Without an arrow: the axes of the ellipsis, then letters that occur once.
	all := strings.Join(e.operands, "")
	var once []rune
	for _, r := range all {
		if r > '9' && strings.Count(all, string(r)) == 1 {
			once = append(once, r)
		}
	}
	slices.Sort(once)
	e.result = widest + string(once)
	return e, nil
}

func checkResult(e einsum, equation string) error {
	all := strings.Join(e.operands, "")
	for _, r := range e.result {
		if !strings.ContainsRune(all, r) || strings.Count(e.result, string(r)) != 1 {
			return fmt.Errorf("result of equation %s cannot be", quoted(equation))
		}
	}
	return nil
}

// withoutRepeats takes the diagonal of axes with the same letter.
func (im *importer) withoutRepeats(t labelled) (labelled, error) {
	for i := 0; i < len(t.labels); i++ {
		j := strings.IndexByte(t.labels[i+1:], t.labels[i])
		if j < 0 {
			continue
		}
		j += i + 1
		shape := im.Shape(t.id)
		if im.Err() != nil || shape[i] != shape[j] {
			return t, fmt.Errorf("a diagonal of shape %v", shape)
		}
		n := shape[i]
		perm := []int{}
		for axis := range shape {
			if axis != i && axis != j {
				perm = append(perm, axis)
			}
		}
		rest := len(perm)
		moved := im.transposed(t.id, append(perm, i, j))
		flat := append(im.Shape(moved)[:rest].Clone(), n*n)
		t.id = im.strided(im.reshapedNode(moved, flat), rest, 0, n+1, n)
		letter := t.labels[i]
		t.labels = strings.ReplaceAll(t.labels, string(letter), "") + string(letter)
		i = -1
	}
	return t, nil
}

// reduced sums over the letters that are not kept.
func (im *importer) reduced(t labelled, keep string) labelled {
	var axes []int
	labels := ""
	for axis, r := range t.labels {
		if strings.ContainsRune(keep, r) {
			labels += string(r)
		} else {
			axes = append(axes, axis)
		}
	}
	if len(axes) == 0 {
		return t
	}
	shape := tensor.Shape{}
	for axis, d := range im.Shape(t.id) {
		if !slices.Contains(axes, axis) {
			shape = append(shape, d)
		}
	}
	return labelled{im.reshapedNode(im.reduceStored(graph.OpReduceSum, t.id, axes), shape), labels}
}

// withLabels returns t with the axes of the given letters, in their order; those
// that t lacks are one long.
func (im *importer) withLabels(t labelled, labels string) graph.ID {
	perm := []int{}
	shape := tensor.Shape{}
	from := im.Shape(t.id)
	for _, r := range labels {
		if axis := strings.IndexRune(t.labels, r); axis >= 0 && im.Err() == nil {
			perm = append(perm, axis)
			shape = append(shape, from[axis])
		} else {
			shape = append(shape, 1)
		}
	}
	if im.Err() != nil {
		return t.id
	}
	return im.reshapedNode(im.transposed(t.id, perm), shape)
}

// contract multiplies two operands and sums over the letters that nothing else
// needs: batch letters are in both and stay, inner ones are in both and go.
func (im *importer) contract(a, b labelled, needed string) (labelled, error) {
	a, b = im.reduced(a, needed+b.labels), im.reduced(b, needed+a.labels)
	var batch, inner, left, right string
	for _, r := range a.labels {
		switch {
		case !strings.ContainsRune(b.labels, r):
			left += string(r)
		case strings.ContainsRune(needed, r):
			batch += string(r)
		default:
			inner += string(r)
		}
	}
	for _, r := range b.labels {
		if !strings.ContainsRune(a.labels, r) {
			right += string(r)
		}
	}
	lengths := map[rune]int{}
	for _, t := range []labelled{a, b} {
		for axis, r := range t.labels {
			lengths[r] = max(lengths[r], im.Shape(t.id)[axis])
		}
	}
	size := func(labels string) (n int, shape tensor.Shape) {
		n = 1
		for _, r := range labels {
			n *= lengths[r]
			shape = append(shape, lengths[r])
		}
		return n, shape
	}
	factor := func(t labelled, labels string, to ...int) graph.ID {
		_, full := size(labels)
		return im.reshapedNode(im.broadcast(im.withLabels(t, labels), full), to)
	}
	nb, batchShape := size(batch)
	ni, _ := size(inner)
	nl, leftShape := size(left)
	nr, rightShape := size(right)
	if im.Err() != nil {
		return a, nil
	}
	x := factor(a, batch+left+inner, nb, nl, ni)
	y := factor(b, batch+inner+right, nb, ni, nr)
	product := im.apply(graph.OpMatMul, graph.MatMul{}, x, y)
	shape := slices.Concat(tensor.Shape{}, batchShape, leftShape, rightShape)
	return labelled{im.reshapedNode(product, shape), batch + left + right}, nil
}

package graph

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// declaredOps returns the op constants of op.go.
func declaredOps(t *testing.T) []Op {
	file, err := parser.ParseFile(token.NewFileSet(), "op.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var ops []Op
	ast.Inspect(file, func(node ast.Node) bool {
		spec, ok := node.(*ast.ValueSpec)
		if !ok || !strings.HasPrefix(spec.Names[0].Name, "Op") {
			return true
		}
		name, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		ops = append(ops, Op(name))
		return false
	})
	return ops
}

func TestEveryOpHasARow(t *testing.T) {
	declared := declaredOps(t)
	if len(declared) < 40 {
		t.Fatalf("op.go declares %d ops only: is it read right?", len(declared))
	}
	for _, op := range declared {
		row, ok := table[op]
		if !ok {
			t.Errorf("%s has no row", op)
			continue
		}
		checkRow(t, op, row)
	}
	for _, op := range Ops() {
		if !slices.Contains(declared, op) {
			t.Errorf("%s has a row, but is not declared in op.go", op)
		}
	}
}

func checkRow(t *testing.T, op Op, row *row) {
	leaf := op == OpInput || op == OpConstant
	if leaf != (row.infer == nil) {
		t.Errorf("%s has a shape rule: %v", op, row.infer != nil)
	}
	if !leaf && (row.minInputs < 1 || row.maxInputs < row.minInputs) {
		t.Errorf("%s takes %d to %d inputs", op, row.minInputs, row.maxInputs)
	}
	cell := row.gradient
	filled := map[GradientKind]bool{
		GradientRule:            cell.vjp != nil && cell.decompose == nil && cell.why == "",
		GradientStraightThrough: cell.vjp != nil && cell.decompose == nil && cell.why == "",
		GradientDecompose:       cell.vjp == nil && cell.decompose != nil && cell.why == "",
		GradientNone:            cell.vjp == nil && cell.decompose == nil && cell.why != "",
	}
	if !filled[cell.kind] {
		t.Errorf("%s has a gradient cell %+v", op, cell)
	}
}

func TestOpsAreSorted(t *testing.T) {
	if ops := Ops(); !slices.IsSorted(ops) {
		t.Errorf("ops are %v", ops)
	}
}

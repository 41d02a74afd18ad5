package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"megl-edge/runtime/model"
	"megl-edge/train/data"
)

type dataCheckCommand struct {
	Path  string `arg:"" help:"JSONL file, COCO instances file, Pascal VOC folder or one of its image sets, folder of photos, or folder for each class."`
	Val   string `placeholder:"PATH" help:"Data that are kept apart to measure with: checked too, and must share no photo."`
	Model string `short:"m" placeholder:"FILE" help:"Model file (.megl) whose labels must hold every label; without it, labels of --val must occur in PATH."`
	Most  int    `default:"5" help:"How many problems of a kind, and classes at each end of the table, to list; 0 lists all."`
	JSON  bool   `name:"json" help:"Print one JSON object, with all problems."`
}

func (*dataCheckCommand) example() string {
	return "megl-edge data check train.jsonl --val val.jsonl --model mobilenet.megl"
}

func (*dataCheckCommand) Help() string {
	return `A part that is missing is no problem: training gives it no weight. Problems are photos and masks that cannot be read, masks of another size than their photo or that mark nothing, labels that are not in the list, photos that occur twice, and photos of PATH that occur in --val too. Photos are the same if their pixels are.

The exit status is 1 if there are problems.`
}

type dataCheckResult struct {
	schema
	Sets     []dataSetJSON `json:"sets"` // the data, then --val
	Problems int           `json:"problems"`
}

type dataSetJSON struct {
	Path string `json:"path"`
	data.Counts
	Findings []data.Finding `json:"findings"`
}

func (c *dataCheckCommand) Run(ctx context.Context, std streams) error {
	if c.Most < 0 {
		return inputError{fmt.Errorf("--most %d: give a number of at least 0", c.Most)}
	}
	sets, err := c.load()
	if err != nil {
		return badInput(err)
	}
	r := dataCheckResult{schema: schemaOf("data-check")}
	var checked []*data.Checked
	for _, d := range sets {
		set, err := checkSet(ctx, std, d, checked)
		if err != nil {
			return err
		}
		checked = append(checked, set)
		r.Sets = append(r.Sets, dataSetJSON{d.Path(), d.Count(), append([]data.Finding{}, set.Findings...)})
		r.Problems += len(set.Findings)
	}
	if err := c.print(std.out, r); err != nil {
		return err
	}
	if r.Problems > 0 {
		return fmt.Errorf("the data have %s", counted(r.Problems, "problem"))
	}
	return nil
}

// load reads the rows of the data and of --val, which has the same classes.
func (c *dataCheckCommand) load() ([]*data.Dataset, error) {
	labels, err := c.labels()
	if err != nil {
		return nil, err
	}
	d, err := data.Load(c.Path, labels)
	if err != nil {
		return nil, err
	}
	if c.Val == "" {
		return []*data.Dataset{d}, nil
	}
	val, err := data.Load(c.Val, d.Labels())
	return []*data.Dataset{d, val}, err
}

func (c *dataCheckCommand) labels() ([]string, error) {
	if c.Model == "" {
		return nil, nil
	}
	m, err := model.Load(c.Model)
	if err != nil {
		return nil, err
	}
	defer m.Close()
	return m.Labels, nil
}

func checkSet(ctx context.Context, std streams, d *data.Dataset, others []*data.Checked) (*data.Checked, error) {
	progress := newProgress(std.err, d.Len())
	defer progress.clear()
	checked, err := data.Check(ctx, d, func(done int) { progress.show(done-1, d.Path()) }, others...)
	if err != nil {
		return nil, errors.New("interrupted")
	}
	return checked, nil
}

func (c *dataCheckCommand) print(w io.Writer, r dataCheckResult) error {
	if c.JSON {
		return writeJSON(w, r)
	}
	for i, set := range r.Sets {
		if i > 0 {
			fmt.Fprintln(w)
		}
		if err := c.printSet(w, set); err != nil {
			return err
		}
	}
	return nil
}

func (c *dataCheckCommand) printSet(w io.Writer, set dataSetJSON) error {
	fmt.Fprintf(w, "%s: %s, %s\n", printable(set.Path), counted(set.Rows, "photo"), counted(len(set.Classes), "class"))
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "\thave\tmissing\t")
	for _, part := range []struct {
		name string
		have int
	}{{"label", set.Labels}, {"mask", set.Masks}, {"sentences", set.Texts}} {
		fmt.Fprintf(t, "%s\t%d\t%d\t\n", part.name, part.have, set.Rows-part.have)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if err := c.printClasses(w, set.Classes); err != nil {
		return err
	}
	return c.printFindings(w, set.Findings)
}

// printClasses lists the largest and the smallest classes.
func (c *dataCheckCommand) printClasses(w io.Writer, classes []data.ClassCount) error {
	if len(classes) == 0 {
		return nil
	}
	sorted := slices.SortedStableFunc(slices.Values(classes), func(a, b data.ClassCount) int { return cmp.Compare(b.Rows, a.Rows) })
	skip := 0
	if c.Most > 0 {
		skip = max(0, len(sorted)-2*c.Most)
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "\nclass\tphotos\tmasks\t")
	for i, class := range sorted {
		if skip > 0 && i == c.Most {
			fmt.Fprintf(t, "… %d more\t\t\t\n", skip)
		}
		if skip > 0 && i >= c.Most && i < c.Most+skip {
			continue
		}
		const widest = 30
		bar := strings.Repeat("▪", (class.Rows*widest+sorted[0].Rows/2)/max(1, sorted[0].Rows))
		fmt.Fprintf(t, "%s\t%d\t%d\t%s\n", shortened(printable(class.Label)), class.Rows, class.Masks, bar)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	balance := fmt.Sprintf("%d at most, %d at least", sorted[0].Rows, sorted[len(sorted)-1].Rows)
	if none := slices.IndexFunc(sorted, func(c data.ClassCount) bool { return c.Rows == 0 }); none >= 0 {
		balance = fmt.Sprintf("%d at most, %s without any", sorted[0].Rows, counted(len(sorted)-none, "class"))
	}
	_, err := fmt.Fprintf(w, "photos of a class: %s\n", balance)
	return err
}

// printFindings lists the problems kind by kind.
func (c *dataCheckCommand) printFindings(w io.Writer, findings []data.Finding) error {
	if len(findings) == 0 {
		_, err := fmt.Fprintln(w, "\nno problems")
		return err
	}
	fmt.Fprintf(w, "\n%s\n", counted(len(findings), "problem"))
	for _, problem := range data.Problems {
		var of []data.Finding
		for _, f := range findings {
			if f.Problem == problem {
				of = append(of, f)
			}
		}
		if len(of) == 0 {
			continue
		}
		fmt.Fprintf(w, "%d × %s\n", len(of), problem)
		shown := of
		if c.Most > 0 {
			shown = of[:min(c.Most, len(of))]
		}
		for _, f := range shown {
			fmt.Fprintf(w, "  %s\n", printable(f.Place+": "+f.Detail))
		}
		if more := len(of) - len(shown); more > 0 {
			fmt.Fprintf(w, "  … %d more\n", more)
		}
	}
	return nil
}

// counted writes a number of things.
func counted(n int, thing string) string {
	switch {
	case n == 1:
		return "1 " + thing
	case strings.HasSuffix(thing, "s"):
		return fmt.Sprintf("%d %ses", n, thing)
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

package main

import (
	"fmt"
	"text/tabwriter"

	"megl-edge/sdtg/textmetric"
)

type evalTextCommand struct {
	References string `required:"" placeholder:"FILE" help:"JSON file of sentences to compare with."`
	Candidates string `required:"" placeholder:"FILE" help:"JSON file of the sentences to score, one for each image."`
	JSON       bool   `name:"json" help:"Print one JSON object."`
}

func (*evalTextCommand) example() string {
	return "megl-edge eval text --references captions_val2014.json --candidates results.json"
}

func (*evalTextCommand) Help() string {
	return `Files are COCO's: captions ({"annotations": [...]}), results ([{"image_id": 1, "caption": "..."}]), or tokenised sentences ({"1": ["..."]}). The first two are raw: they are split by the rules of the Penn Treebank and lose their punctuation, as in the COCO caption tools. Scored are the images of the candidates; each needs a reference.

CIDEr-D is 0 for a single image. METEOR, SPICE and CLIPScore are not computed: they need Java or a large model. Sentences from templates score high on BLEU and CIDEr-D without being right.`
}

type evalTextResult struct {
	schema
	References string `json:"references"`
	Candidates string `json:"candidates"`
	textmetric.Scores
}

func (c *evalTextCommand) Run(std streams) error {
	items, err := textmetric.Load(c.References, c.Candidates)
	if err != nil {
		return badInput(err)
	}
	s := textmetric.Score(items)
	if c.JSON {
		return writeJSON(std.out, evalTextResult{schemaOf("eval text"), c.References, c.Candidates, s})
	}
	w := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "images\t%d\n", s.Images)
	for k, score := range s.BLEU {
		fmt.Fprintf(w, "BLEU-%d\t%.4f\n", k+1, score)
	}
	fmt.Fprintf(w, "ROUGE-L\t%.4f\nCIDEr-D\t%.4f\n", s.ROUGEL, s.CIDErD)
	return w.Flush()
}

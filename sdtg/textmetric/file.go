package textmetric

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
)

// caption is a sentence of a COCO file. An image may be named by number or string.
type caption struct {
	Image *json.RawMessage `json:"image_id"`
	Text  *string          `json:"caption"`
}

// sentences are those of one image, in words.
type sentences struct {
	image string
	words [][]string
}

// Load reads a file of references and one of candidates, each in one of three
// forms: captions as COCO annotates them ({"annotations": [...]}), results (a list
// of {"image_id", "caption"}), or sentences that are tokenised already (an object
// of lists, by image). Images are those of the candidates, in their order; each
// needs one candidate and at least one reference.
func Load(references, candidates string) ([]Item, error) {
	ref, err := loadSentences(references)
	if err != nil {
		return nil, err
	}
	cand, err := loadSentences(candidates)
	if err != nil {
		return nil, err
	}
	if len(cand) == 0 {
		return nil, fmt.Errorf("%s: no sentences", candidates)
	}
	byImage := make(map[string][][]string, len(ref))
	for _, s := range ref {
		byImage[s.image] = s.words
	}
	items := make([]Item, len(cand))
	for i, s := range cand {
		if len(s.words) != 1 {
			return nil, fmt.Errorf("%s: image %s has %d candidates, want one", candidates, s.image, len(s.words))
		}
		if len(byImage[s.image]) == 0 {
			return nil, fmt.Errorf("%s: no reference for image %s of %s", references, s.image, candidates)
		}
		items[i] = Item{s.words[0], byImage[s.image]}
	}
	return items, nil
}

func loadSentences(path string) ([]sentences, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	list, err := parseSentences(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return list, nil
}

func parseSentences(text []byte) ([]sentences, error) {
	trimmed := bytes.TrimLeft(text, " \t\r\n")
	if bytes.HasPrefix(trimmed, []byte("[")) {
		var list []caption
		if err := json.Unmarshal(text, &list); err != nil {
			return nil, err
		}
		return gather(list)
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(text, &fields); err != nil {
		return nil, err
	}
	if annotations, is := fields["annotations"]; is {
		var list []caption
		if err := json.Unmarshal(annotations, &list); err != nil {
			return nil, fmt.Errorf("annotations: %w", err)
		}
		return gather(list)
	}
	return tokenised(text)
}

// gather groups raw captions by image.
func gather(list []caption) ([]sentences, error) {
	var all []sentences
	at := map[string]int{}
	for i, c := range list {
		if c.Image == nil || c.Text == nil {
			return nil, fmt.Errorf("caption %d: image_id and caption are needed", i)
		}
		image := strings.Trim(string(*c.Image), `"`)
		k, seen := at[image]
		if !seen {
			k = len(all)
			at[image] = k
			all = append(all, sentences{image: image})
		}
		all[k].words = append(all[k].words, Tokenize(*c.Text))
	}
	return all, nil
}

// tokenised reads an object of lists in the order of the file: sums follow it.
func tokenised(text []byte) ([]sentences, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	if _, err := d.Token(); err != nil {
		return nil, err
	}
	var all []sentences
	seen := map[string]bool{}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return nil, err
		}
		image := fmt.Sprint(key)
		if seen[image] {
			return nil, fmt.Errorf("image %s occurs twice", image)
		}
		seen[image] = true
		var lines []string
		if err := d.Decode(&lines); err != nil {
			return nil, fmt.Errorf("image %s: want a list of sentences: %w", image, err)
		}
		s := sentences{image: image}
		for _, l := range lines {
			s.words = append(s.words, strings.Fields(l))
		}
		all = append(all, s)
	}
	return all, nil
}

package tflite

import (
	"slices"
	"strings"
	"testing"

	flatbuffers "github.com/google/flatbuffers/go"
)

// metadata is TensorFlow Lite metadata with a normalisation of the image, after
// a process unit of another kind.
func metadata(mean, std []float32) []byte {
	b := flatbuffer{flatbuffers.NewBuilder(256)}
	other := b.table(int8(3), b.table(float32(0.5)))
	unit := b.table(int8(unitNormalization), b.table(mean, std))
	input := b.table("image", "a photo", nil, nil, b.tables(other, unit))
	subgraph := b.table("main", nil, b.tables(input))
	b.FinishWithFileIdentifier(b.table("a classifier", nil, nil, b.tables(subgraph)), []byte("M001"))
	return b.FinishedBytes()
}

func TestLabels(t *testing.T) {
	data := classifier(image(typeFloat32, 1, 2, 2, 3)).bytes()
	many := slices.Repeat([]string{"many.txt", "a\nb"}, maxLabelFiles)
	for name, c := range map[string]struct {
		files []string
		want  []string
	}{
		"no archive":         {nil, nil},
		"one for each class": {[]string{"labels.txt", "cat\ndog\nbird"}, []string{"cat", "dog", "bird"}},
		"empty last lines":   {[]string{"labels.txt", "\ufeffcat\r\nhot dog \r\nbird\r\n\r\n"}, []string{"cat", "hot dog", "bird"}},
		"too few":            {[]string{"labels.txt", "cat\ndog"}, nil},
		"the one that fits":  {[]string{"readme.md", "a\nb\nc", "words.txt", "a\nb", "labels.txt", "cat\ndog\nbird"}, []string{"cat", "dog", "bird"}},
		"not text":           {[]string{"labels.txt", "cat\n\xff\nbird"}, []string{"cat", "�", "bird"}},
		"not to be shown":    {[]string{"labels.txt", "cat\n\x1b[2J\nbird"}, nil},
		"an empty one":       {[]string{"labels.txt", "cat\n\nbird"}, nil},
		"too large":          {[]string{"labels.txt", "cat\ndog\n" + strings.Repeat("x", maxLabelBytes)}, nil},
		"too many files":     {append(many, "labels.txt", "cat\ndog\nbird"), nil},
	} {
		file := data
		if c.files != nil {
			file = withArchive(t, data, c.files...)
		}
		m, err := Import(file, Options{})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if !slices.Equal(m.Labels, c.want) || (m.Labels == nil) != (c.want == nil) {
			t.Errorf("%s: labels are %q, want %q", name, m.Labels, c.want)
		}
	}
}

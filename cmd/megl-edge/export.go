package main

import (
	"fmt"
	"io"

	"megl-edge/runtime/atomicfile"
	"megl-edge/runtime/onnx/export"
)

type exportCommand struct {
	File         string `arg:"" name:"model" help:"Model file (.megl)."`
	Output       string `short:"o" required:"" placeholder:"FILE" help:"ONNX file to write."`
	Opset        int    `default:"17" help:"Version of the ONNX operators, 13 to 21."`
	WithSaliency bool   `help:"Add the heat map of the most likely class as a second output."`
	JSON         bool   `name:"json" help:"Print one JSON object."`
}

func (*exportCommand) example() string {
	return "megl-edge export mobilenet.megl -o mobilenet.onnx --with-saliency"
}

type exportResult struct {
	schema
	File     string `json:"file"`
	Output   string `json:"output"`
	Opset    int    `json:"opset"`
	Saliency bool   `json:"saliency"`
	Bytes    int    `json:"bytes"`
}

func (c *exportCommand) Run(std streams) error {
	m, err := loadModel(c.File)
	if err != nil {
		return badInput(err)
	}
	defer m.Close()
	data, err := export.ONNX(m, export.Options{Opset: c.Opset, WithSaliency: c.WithSaliency})
	if err != nil {
		return badInput(fmt.Errorf("%s: %w", c.File, err))
	}
	err = atomicfile.Write(c.Output, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
	if err != nil {
		return err
	}
	r := exportResult{schemaOf("export"), c.File, c.Output, c.Opset, c.WithSaliency, len(data)}
	if c.JSON {
		return writeJSON(std.out, r)
	}
	with := ""
	if r.Saliency {
		with = " and saliency"
	}
	_, err = fmt.Fprintf(std.out, "%s: opset %d, input image (1×3×%d×%d, normalised), output logits%s\n",
		r.Output, r.Opset, m.Preprocess.Height, m.Preprocess.Width, with)
	return err
}

package export

import (
	"slices"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/model"
	"megl-edge/runtime/tensor"
)

// exportInput writes nothing: the image of the file is the normalised one.
func exportInput(c *call) {
	if c.node.Name != model.ImageInput {
		c.fail("the network has a further input, an exported file takes one image")
	}
}

func exportConstant(c *call) { c.values[c.id].constant = c.node.Value }

// exportNormalize makes the file's input the result.
func exportNormalize(c *call) {
	at := c.node.Attr.(graph.Normalize)
	if c.graph.Node(c.input(0)).Op != graph.OpInput {
		c.fail("normalises what is not the photo itself")
		return
	}
	if c.pixels == nil {
		c.pixels = &at
		first := channelsFirst(4).of(c.shape(c.id))
		c.file.Inputs = append(c.file.Inputs, declared(model.ImageInput, tensor.Float32, first))
	}
	if !slices.Equal(c.pixels.Mean, at.Mean) || !slices.Equal(c.pixels.Std, at.Std) {
		c.fail("the photo is normalised in two ways, an exported file takes it in one")
	}
	c.become(model.ImageInput, channelsFirst(4))
}

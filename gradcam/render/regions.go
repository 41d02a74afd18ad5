package render

import (
	"image"
	"image/color"
	imagedraw "image/draw"
	"strconv"
)

// Region is a part of a picture with a number.
type Region struct {
	Number int // from 1
	Box    image.Rectangle
}

// DrawRegions draws a frame around every region, in the order given, and its number at
// the frame's upper left corner: white between black lines, to be seen on anything.
// What lies beyond the picture is cut off.
func DrawRegions(picture *image.RGBA, regions []Region) {
	bounds := picture.Bounds()
	// Lines and digits grow with the picture.
	unit := max(1, min(bounds.Dx(), bounds.Dy())/160)
	for _, r := range regions {
		frame(picture, r.Box.Intersect(bounds), unit)
	}
	for _, r := range regions {
		number(picture, r.Box.Intersect(bounds), r.Number, unit)
	}
}

// frame draws a white line with a black one on both sides, inside a box.
func frame(picture *image.RGBA, box image.Rectangle, unit int) {
	for i, shade := range []color.Gray{{0}, {255}, {0}} {
		ring(picture, box.Inset(i*unit), unit, shade)
	}
}

// ring draws the border of a box.
func ring(picture *image.RGBA, box image.Rectangle, width int, shade color.Gray) {
	inner := box.Inset(width)
	fill(picture, image.Rect(box.Min.X, box.Min.Y, box.Max.X, inner.Min.Y), shade)
	fill(picture, image.Rect(box.Min.X, inner.Max.Y, box.Max.X, box.Max.Y), shade)
	fill(picture, image.Rect(box.Min.X, inner.Min.Y, inner.Min.X, inner.Max.Y), shade)
	fill(picture, image.Rect(inner.Max.X, inner.Min.Y, box.Max.X, inner.Max.Y), shade)
}

func fill(picture *image.RGBA, box image.Rectangle, shade color.Gray) {
	imagedraw.Draw(picture, box.Intersect(picture.Bounds()), image.NewUniform(shade), image.Point{}, imagedraw.Src)
}

// digits are 3×5 cells each, a row in three bits.
var digits = [10][5]uint8{
	{0b111, 0b101, 0b101, 0b101, 0b111},
	{0b010, 0b110, 0b010, 0b010, 0b111},
	{0b111, 0b001, 0b111, 0b100, 0b111},
	{0b111, 0b001, 0b011, 0b001, 0b111},
	{0b101, 0b101, 0b111, 0b001, 0b001},
	{0b111, 0b100, 0b111, 0b001, 0b111},
	{0b111, 0b100, 0b111, 0b101, 0b111},
	{0b111, 0b001, 0b010, 0b010, 0b010},
	{0b111, 0b101, 0b111, 0b101, 0b111},
	{0b111, 0b101, 0b111, 0b001, 0b111},
}

const (
	digitWidth  = 3 // cells
	digitHeight = 5
)

// number writes black digits on white at the upper left corner of a box.
func number(picture *image.RGBA, box image.Rectangle, n, unit int) {
	text := strconv.Itoa(n)
	cell := 2 * unit
	card := image.Rect(0, 0, (len(text)*(digitWidth+1)+1)*cell, (digitHeight+2)*cell).Add(box.Min)
	fill(picture, card.Inset(-unit), color.Gray{0})
	fill(picture, card, color.Gray{255})
	for i, digit := range text {
		left := card.Min.X + (1+i*(digitWidth+1))*cell
		for y, row := range digits[digit-'0'] {
			for x := range digitWidth {
				if row&(1<<(digitWidth-1-x)) != 0 {
					at := image.Pt(left+x*cell, card.Min.Y+(1+y)*cell)
					fill(picture, image.Rectangle{at, at.Add(image.Pt(cell, cell))}, color.Gray{0})
				}
			}
		}
	}
}

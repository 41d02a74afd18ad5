// Package vision turns the bytes of a photo into the pixels that a model sees.
//
// A file or stream flows in through [DecodeFile] or [Decode] and becomes an
// upright [Image]: RGB, 8 bits, EXIF orientation applied. [Preprocess.Apply]
// cuts out the part the model looks at and brings it to the input size of the
// model. [Preprocess.Region] says which part of the photo that was, so that a
// heat map can be painted at its place. A [Preprocess] is data: it is stored
// with the model, and training and inference use the same one.
//
// # Same pixels everywhere
//
// All pixel arithmetic is on integers. [Resize] computes its filter
// coefficients in float64 with +, -, * and / only and rounds them to 22-bit
// fixed point, so the result is the same on every CPU. It is also the result of
// Pillow's Image.resize for RGB images, bit for bit. JPEG and WebP are decoded
// by the Go libraries, in integers too. They repeat chroma samples where other
// decoders interpolate them, so pixels next to colour edges may differ from
// what those show.
//
// # Colours
//
// JPEG colours are converted as [image/color.YCbCrToRGB] does, CMYK as
// [image/color.CMYK.RGBA], lossy WebP by the limited range BT.601 formula that
// this format prescribes. 16-bit samples are rounded to the nearest 8-bit
// value. Transparent pixels are laid over white, in integers. Colour profiles
// and gamma are not applied.
//
// # Untrusted input
//
// A file is believed only as far as its length supports its claims: before a
// decoder may allocate pixels, the claimed size is compared with [Limits] and
// with the least number of bytes that the format needs for it. A damaged or
// truncated file is an error, never a half-gray picture; damaged EXIF data is
// ignored.
package vision

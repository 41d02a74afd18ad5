// Package data reads labelled photos: rows that name an image file and say what
// is known about it. Calibration and training both take their photos from here.
//
// A path goes in through [Open]; rows come out of [Source.Rows], one at a time
// and in the same order each time. [Sample] chooses some of them. A row holds
// paths and places in files; masks are read when [Row.ReadMask] asks for them.
//
// For training, [Load] makes a [Dataset] of all rows, and a [Loader] batches of
// [Example]s: pixels as the model takes them, the class, the mask in the same
// frame, and sentences. A part that is missing has the weight 0.
//
// # What may be read
//
// What a path leads to is told from the names in a folder, or the first bytes of
// a file. A part that is missing, such as a label or a mask, is no error.
//
// A text file with one JSON object a line (JSONL). [Row] lists the keys it may
// hold; "image" is the only one it must hold. Other keys are ignored. Paths are
// absolute or relative to the folder of the file. The text is UTF-8; a byte
// order mark at its start, carriage returns at line ends and lines of white
// space are skipped. A line is at most [MaxLine] bytes long, and one line is all
// that is held in memory.
//
// A COCO file of instances, or a folder that holds one, itself or in annotations.
// Each image is a row. Its label is the category of its largest object; its mask
// is all objects of that category, crowds too, drawn as the tools of COCO draw
// them. Sentences come from captions_x.json beside instances_x.json. The file is
// read value by value, and outlines stay in it until a mask is needed.
//
// A Pascal VOC folder, with Annotations and JPEGImages, or one of the files in its
// ImageSets. The label is the class of the object with the largest box; the mask is
// all objects of that class, from SegmentationObject where it has the photo.
//
// Or a folder: of photos, which then have no labels, or of one folder per class,
// named as the class and holding its photos. Hidden files and files that are not
// named like an image are skipped. Names are sorted by their bytes, and the names
// in one folder are held in memory. Symbolic links are followed, but no deeper
// than classes: a link that leads back up ends in an error.
//
// # The same bytes everywhere
//
// What a loader gives depends on the data, its options and the seed: not on the
// processor, the number of workers, or where an interrupted training goes on. Each
// epoch's order comes from the seed and the number of the epoch, and how a photo is
// changed from these and the number of its row. Random numbers become cuts by
// operations that are exact or correctly rounded everywhere; pixels and masks are
// computed in integers.
//
// # One decision on every machine
//
// A line is refused, or gives its row, on every machine alike. What a line must
// be is defined by encoding/json, with three rules added: invalid UTF-8 is an
// error, half of a surrogate pair is one, and so is a key of [Row] that occurs
// twice. On amd64 with AVX2 most lines are read by simdjson, which is faster. It
// sees only lines on which it agrees with encoding/json, and what it refuses is
// read again by encoding/json, which then decides and words the error.
package data

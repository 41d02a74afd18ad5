// Package safetensors reads and writes the safetensors container: named dense
// tensors behind a JSON header.
//
// A file is, in this order:
//
//	8 bytes   N, the length of the header, little-endian
//	N bytes   JSON: {"name": {"dtype": "F32", "shape": [2,3], "data_offsets": [0,24]}, ...}
//	the rest  the bytes of the tensors; offset 0 is the first of them
//
// The key "__metadata__" holds a map from string to string. What its keys mean
// is the business of the caller, and so is quantization: the container stores
// element type, shape and bytes.
//
// Files come from anywhere, so the reader trusts nothing. All of a file is
// checked before any of it is used, and whatever the format does not clearly
// allow is refused with one error that says where and why: duplicate or unknown
// keys, numbers that are not plain integers, bytes that belong to no tensor or
// to two. Memory grows with what the file holds, never with what it claims.
//
// Beyond the format there are these limits: the element types are those of
// package tensor, a shape has at most 64 dimensions, one tensor takes at most
// 2 GiB, names hold no control characters, a BOOL is 0 or 1, and header and
// metadata have at most 262144 keys each. The writer keeps the same limits, so
// whatever it writes can be read back.
package safetensors

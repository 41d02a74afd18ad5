// Package proto is the ONNX file as Go values: the messages of onnx.proto
// (IR version 3 to 13) that describe a network of tensors, read from and
// written to protocol-buffer bytes. Nothing is interpreted here; package onnx
// turns a [Model] into a graph and back.
//
// Reading is bounded: every slice is a part of the file or as long as what the
// file holds, subgraphs stay unread bytes, and nothing recurses.
package proto

package export

import "megl-edge/runtime/onnx/proto"

func integer(name string, v int) proto.Attribute {
	return proto.Attribute{Name: name, Type: proto.AttributeInt, Int: int64(v)}
}

func flag(name string, v bool) proto.Attribute {
	if v {
		return integer(name, 1)
	}
	return integer(name, 0)
}

func ints(name string, list ...int) proto.Attribute {
	return proto.Attribute{Name: name, Type: proto.AttributeInts, Ints: int64s(list)}
}

func float(name string, v float32) proto.Attribute {
	return proto.Attribute{Name: name, Type: proto.AttributeFloat, Float: v}
}

func int64s(list []int) []int64 {
	wide := make([]int64, len(list))
	for i, v := range list {
		wide[i] = int64(v)
	}
	return wide
}

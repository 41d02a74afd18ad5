package proto

import "fmt"

var dataTypeNames = map[DataType]string{
	Float: "float32", UInt8: "uint8", Int8: "int8", UInt16: "uint16", Int16: "int16", Int32: "int32",
	Int64: "int64", String: "string", Bool: "bool", Float16: "float16", Double: "float64", UInt32: "uint32",
	UInt64: "uint64", Complex64: "complex64", Complex128: "complex128", BFloat16: "bfloat16",
	Float8E4M3FN: "float8e4m3fn", Float8E4M3FNUZ: "float8e4m3fnuz", Float8E5M2: "float8e5m2",
	Float8E5M2FNUZ: "float8e5m2fnuz", UInt4: "uint4", Int4: "int4", Float4E2M1: "float4e2m1",
	Float8E8M0: "float8e8m0", UInt2: "uint2", Int2: "int2",
}

// String returns the name of the type, such as "float32".
func (t DataType) String() string {
	if name, ok := dataTypeNames[t]; ok {
		return name
	}
	return fmt.Sprintf("element type %d", int32(t))
}

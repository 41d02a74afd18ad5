package proto

// Model is a ModelProto.
type Model struct {
	IRVersion       int64
	Producer        string
	ProducerVersion string
	Graph           Graph
	Opsets          []OperatorSet
	Metadata        []Entry
	Functions       int // how many model-local functions there are; their bodies are not read
}

// OperatorSet is the version of the operators of one domain.
type OperatorSet struct {
	Domain  string // "" is that of ONNX itself
	Version int64
}

// Entry is a pair of metadata_props.
type Entry struct{ Key, Value string }

// Graph is a GraphProto.
type Graph struct {
	Name              string
	Nodes             []Node
	Initializers      []Tensor
	SparseInitializer bool // there is one
	Inputs            []Value
	Outputs           []Value
}

// Node is a NodeProto. An input that is left out has the empty name.
type Node struct {
	Name, Op, Domain string
	Inputs, Outputs  []string
	Attributes       []Attribute
}

// AttributeType is AttributeProto.AttributeType.
type AttributeType int32

// The types of attributes that are read; others are kept as a number.
const (
	AttributeFloat   AttributeType = 1
	AttributeInt     AttributeType = 2
	AttributeString  AttributeType = 3
	AttributeTensor  AttributeType = 4
	AttributeGraph   AttributeType = 5
	AttributeFloats  AttributeType = 6
	AttributeInts    AttributeType = 7
	AttributeStrings AttributeType = 8
)

// Attribute is an AttributeProto; Type says which value counts.
type Attribute struct {
	Name    string
	Type    AttributeType
	Float   float32
	Int     int64
	String  string
	Tensor  *Tensor
	Floats  []float32
	Ints    []int64
	Strings []string
}

// DataType is TensorProto.DataType.
type DataType int32

// The element types.
const (
	Float          DataType = 1
	UInt8          DataType = 2
	Int8           DataType = 3
	UInt16         DataType = 4
	Int16          DataType = 5
	Int32          DataType = 6
	Int64          DataType = 7
	String         DataType = 8
	Bool           DataType = 9
	Float16        DataType = 10
	Double         DataType = 11
	UInt32         DataType = 12
	UInt64         DataType = 13
	Complex64      DataType = 14
	Complex128     DataType = 15
	BFloat16       DataType = 16
	Float8E4M3FN   DataType = 17
	Float8E4M3FNUZ DataType = 18
	Float8E5M2     DataType = 19
	Float8E5M2FNUZ DataType = 20
	UInt4          DataType = 21
	Int4           DataType = 22
	Float4E2M1     DataType = 23
	Float8E8M0     DataType = 24
	UInt2          DataType = 25
	Int2           DataType = 26
)

// Tensor is a TensorProto. Its elements are in Raw, or in the typed field that
// the specification names for the element type, or in another file.
type Tensor struct {
	Name      string
	Type      DataType
	Dims      []int64
	Raw       []byte // little-endian; a part of the file that was read
	HasRaw    bool
	Floats    []float32
	Int32s    []int32
	Int64s    []int64
	Doubles   []float64
	UInt64s   []uint64
	External  []Entry // where the data lie in another file
	IsSegment bool
}

// Value is a ValueInfoProto: a name and a type.
type Value struct {
	Name string
	Type ValueType
}

// ValueType is a TypeProto. What is no tensor has only its Kind.
type ValueType struct {
	Kind     Kind
	Elem     DataType
	Shape    []Dim
	HasShape bool
}

// Kind is what a value is.
type Kind string

// The kinds of values.
const (
	KindTensor   Kind = "tensor"
	KindSequence Kind = "sequence"
	KindMap      Kind = "map"
	KindSparse   Kind = "sparse tensor"
	KindOptional Kind = "optional"
	KindUnknown  Kind = "value of unknown type"
)

// Dim is one length of a shape: a number, or a name for a length that is not
// known, or neither.
type Dim struct {
	Length int64
	Known  bool
	Param  string
}

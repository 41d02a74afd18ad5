package safetensors

import (
	"strings"
	"testing"
)

// byteTensor describes a tensor "a" of one byte; %s in an attack stands for it.
const byteTensor = `"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}`

func TestHostileHeaders(t *testing.T) {
	entry := func(fields string) string { return `{"a":{` + fields + `}}` }
	typed := func(dtype, shape, offsets string) string {
		return entry(`"dtype":` + dtype + `,"shape":` + shape + `,"data_offsets":` + offsets)
	}
	cases := []struct {
		name, header string
		size         int // bytes of data
		want         string
	}{
		// The text.
		{"no header", "", 0, "header: no text"},
		{"only padding", "      ", 0, "header: no text"},
		{"leading space", " {}", 0, "not with '{'"},
		{"byte order mark", "\xef\xbb\xbf{}", 0, "not with '{'"},
		{"array", "[]", 0, "not with '{'"},
		{"invalid UTF-8", "{\"\xff\":1}", 0, "not valid UTF-8"},
		{"overlong UTF-8", "{\"\xc0\xaf\":1}", 0, "not valid UTF-8"},
		{"encoded surrogate", "{\"\xed\xa0\x80\":1}", 0, "not valid UTF-8"},
		{"lone high surrogate", `{"__metadata__":{"k":"\ud800"}}`, 0, `escape "\\ud800" at byte 22 is half`},
		{"lone low surrogate", `{"__metadata__":{"k":"\\\uDFFF"}}`, 0, "half of a surrogate pair"},
		{"two high surrogates", `{"__metadata__":{"k":"\ud800\ud800"}}`, 0, "half of a surrogate pair"},
		{"bad escape", `{"__metadata__":{"k":"\uZZZZ"}}`, 0, "not valid JSON at byte"},
		{"unfinished escape", `{"\u00`, 0, "not valid JSON at byte"},
		{"unfinished", "{", 0, "text ends too early"},
		{"unfinished string", `{"a`, 0, "not valid JSON at byte"},
		{"trailing comma", "{" + byteTensor + ",}", 1, "not valid JSON at byte"},
		{"missing comma", "{" + byteTensor + byteTensor + "}", 1, "not valid JSON at byte"},
		{"missing value", `{"a":{"dtype":}}`, 0, `tensor "a": dtype: not valid JSON at byte`},
		{"missing colon", `{"a" 1}`, 0, "not valid JSON at byte"},
		{"comment", `{/**/}`, 0, "not valid JSON at byte"},
		{"single quotes", `{'a':1}`, 0, "not valid JSON at byte"},
		{"raw line feed in a name", "{\"a\nb\":1}", 0, "not valid JSON at byte"},
		{"second object", "{}{}", 0, "2 bytes follow the JSON object"},
		{"garbage after the object", "{}x", 0, "1 bytes follow the JSON object"},
		{"padding that is no space", "{}\n", 0, "1 bytes follow the JSON object"},
		{"padding of zeros", "{} \x00", 0, "2 bytes follow the JSON object"},
		{"deep arrays", `{"a":` + strings.Repeat("[", 100_000), 0, `tensor "a": want an object, got an array`},
		{"deep objects", strings.Repeat(`{"a":`, 100_000), 0, `tensor "a": unknown key "a"`},
		{"deep shape", `{"a":{"shape":` + strings.Repeat("[", 100_000), 0, `tensor "a": shape: want a plain integer, 0 or above, got an array`},

		// Keys.
		{"duplicate tensor", "{" + byteTensor + "," + byteTensor + "}", 1, `header: duplicate key "a"`},
		{"duplicate by escape", "{" + byteTensor + "," + strings.Replace(byteTensor, "a", `\u0061`, 1) + "}", 1, `header: duplicate key "a"`},
		{"duplicate metadata", `{"__metadata__":{},"__metadata__":{}}`, 0, `duplicate key "__metadata__"`},
		{"duplicate metadata key", `{"__metadata__":{"k":"1","k":"2"}}`, 0, `__metadata__: duplicate key "k"`},
		{"duplicate field", entry(`"dtype":"U8","dtype":"I8"`), 0, `tensor "a": duplicate key "dtype"`},
		{"unknown field", entry(`"strides":[1]`), 0, `tensor "a": unknown key "strides"`},
		{"field in capitals", entry(`"DType":"U8"`), 0, `tensor "a": unknown key "DType"`},
		{"empty name", `{"":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}`, 0, "name is empty"},
		{"name with NUL", `{"a\u0000b":{}}`, 0, `tensor "a\x00b": name has a control character`},
		{"name with line feed", `{"a\nb":{}}`, 0, `tensor "a\nb": name has a control character`},
		{"name with DEL", "{\"a\x7f\":{}}", 0, "name has a control character"},
		{"long name", `{"` + strings.Repeat("n", 5000) + `":1}`, 0, strings.Repeat("n", 80) + `...": want an object, got 1`},

		// Types.
		{"metadata is null", `{"__metadata__":null}`, 0, "__metadata__: want an object, got null"},
		{"metadata is a list", `{"__metadata__":[]}`, 0, "__metadata__: want an object, got an array"},
		{"metadata number", `{"__metadata__":{"k":1}}`, 0, `__metadata__: key "k": want a string, got 1`},
		{"metadata object", `{"__metadata__":{"k":{}}}`, 0, `__metadata__: key "k": want a string, got an object`},
		{"tensor is null", `{"a":null}`, 0, `tensor "a": want an object, got null`},
		{"tensor is a string", `{"a":"b"}`, 0, `tensor "a": want an object, got the string "b"`},
		{"BF16", typed(`"BF16"`, "[1]", "[0,2]"), 2, `tensor "a": dtype: element type BF16 is not supported`},
		{"F16", typed(`"F16"`, "[1]", "[0,2]"), 2, `tensor "a": dtype: element type F16 is not supported`},
		{"F8", typed(`"F8_E4M3"`, "[1]", "[0,1]"), 1, `tensor "a": dtype: element type F8_E4M3 is not supported`},
		{"unknown dtype", typed(`"f32"`, "[1]", "[0,4]"), 4, `tensor "a": dtype: element type "f32" is not known`},
		{"dtype INVALID", typed(`"INVALID"`, "[0]", "[0,0]"), 0, `element type "INVALID" is not known`},
		{"dtype number", typed(`3`, "[1]", "[0,4]"), 4, `tensor "a": dtype: want a string, got 3`},
		{"no dtype", entry(`"shape":[1],"data_offsets":[0,1]`), 1, `tensor "a": dtype is missing`},
		{"no shape", entry(`"dtype":"U8","data_offsets":[0,1]`), 1, `tensor "a": shape is missing`},
		{"no offsets", entry(`"dtype":"U8","shape":[1]`), 1, `tensor "a": data_offsets are missing`},
		{"empty entry", entry(""), 0, `tensor "a": dtype is missing`},

		// Numbers.
		{"exponent", typed(`"U8"`, "[1e0]", "[0,1]"), 1, `tensor "a": shape: want a plain integer, 0 or above, got 1e0`},
		{"capital exponent", typed(`"U8"`, "[1E0]", "[0,1]"), 1, "got 1E0"},
		{"fraction", typed(`"U8"`, "[1.0]", "[0,1]"), 1, "got 1.0"},
		{"negative", typed(`"U8"`, "[-1]", "[0,1]"), 1, "got -1"},
		{"minus zero", typed(`"U8"`, "[-0]", "[0,0]"), 0, "got -0"},
		{"leading zero", typed(`"U8"`, "[01]", "[0,1]"), 1, "not valid JSON at byte"},
		{"text for a number", typed(`"U8"`, `["1"]`, "[0,1]"), 1, `got the string "1"`},
		{"true for a number", typed(`"U8"`, `[true]`, "[0,1]"), 1, `got true`},
		{"null shape", typed(`"U8"`, "null", "[0,1]"), 1, `tensor "a": shape: want an array, got null`},
		{"dimension of 2^31", typed(`"U8"`, "[0,2147483648]", "[0,0]"), 0, "number 2147483648 is above 2147483647"},
		{"dimension of 40 digits", typed(`"U8"`, "["+strings.Repeat("9", 40)+"]", "[0,1]"), 1, "is above 2147483647"},
		{"dimension of 5000 digits", typed(`"U8"`, "["+strings.Repeat("9", 5000)+"]", "[0,1]"), 1, "9... is above 2147483647"},
		{"product overflows", typed(`"F64"`, "[2147483647,2147483647,2147483647]", "[0,8]"), 8, `tensor "a": shape 2147483647×2147483647×2147483647 takes more than 2 GiB`},
		{"product wraps to 0", typed(`"U8"`, "[65536,65536,65536,65536]", "[0,0]"), 0, "takes more than 2 GiB"},
		{"65 dimensions", typed(`"U8"`, "[1"+strings.Repeat(",1", 64)+"]", "[0,1]"), 1, `tensor "a": shape: more than 64 numbers`},
		{"one offset", typed(`"U8"`, "[1]", "[0]"), 1, `tensor "a": data_offsets: want 2 numbers, got 1`},
		{"three offsets", typed(`"U8"`, "[1]", "[0,1,2]"), 1, `tensor "a": data_offsets: more than 2 numbers`},
		{"negative offset", typed(`"U8"`, "[1]", "[-1,0]"), 1, `tensor "a": data_offsets: want a plain integer, 0 or above, got -1`},
		{"offset of 2^63", typed(`"U8"`, "[1]", "[0,9223372036854775808]"), 1, "number 9223372036854775808 is above 9223372036854775807"},

		// The layout.
		{"backwards", typed(`"U8"`, "[1]", "[1,0]"), 1, `tensor "a": data_offsets run backwards, from 1 to 0`},
		{"fewer bytes than the shape", typed(`"F32"`, "[1000,1000]", "[0,4]"), 4, `tensor "a": shape 1000×1000 of F32 takes 4000000 bytes, data_offsets span 4`},
		{"more bytes than the shape", typed(`"U8"`, "[1]", "[0,2]"), 2, `takes 1 bytes, data_offsets span 2`},
		{"scalar without bytes", typed(`"U8"`, "[]", "[0,0]"), 0, `shape scalar of U8 takes 1 bytes, data_offsets span 0`},
		{"beyond the file", typed(`"U8"`, "[1]", "[9223372036854775806,9223372036854775807]"), 1, `tensor "a": data end at byte 9223372036854775807, and the file has 1 bytes of data: truncated`},
		{"hole at the start", typed(`"U8"`, "[1]", "[1,2]"), 2, `tensor "a": data start at byte 1; bytes 0 to 0 belong to no tensor`},
		{"hole in the middle", "{" + byteTensor + `,"b":{"dtype":"U8","shape":[1],"data_offsets":[3,4]}}`, 4, `tensor "b": data start at byte 3; bytes 1 to 2 belong to no tensor`},
		{"bytes at the end", "{" + byteTensor + "}", 3, "last 2 bytes of the file belong to no tensor"},
		{"bytes without tensors", "{}", 3, "last 3 bytes of the file belong to no tensor"},
		{"same bytes twice", "{" + byteTensor + `,"b":{"dtype":"I8","shape":[1],"data_offsets":[0,1]}}`, 1, `tensor "b": data start at byte 0, inside tensor "a"`},
		{"overlap", `{"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]},"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}`, 3, `tensor "b": data start at byte 1, inside tensor "a"`},
		{"empty tensor inside another", `{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[0],"data_offsets":[1,1]}}`, 2, `tensor "b": data start at byte 1, inside tensor "a"`},
		{"empty tensor beyond the file", typed(`"U8"`, "[0]", "[5,5]"), 0, "data end at byte 5, and the file has 0 bytes"},
		{"bool of 2", typed(`"BOOL"`, "[3]", "[0,3]"), 3, `tensor "a": element 2 is 2; a BOOL is 0 or 1`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			data := make([]byte, c.size)
			for i := range data {
				data[i] = byte(i)
			}
			f, err := Parse(container(c.header, data...))
			if err == nil {
				t.Fatalf("accepted: %q", f.Names())
			}
			if msg := err.Error(); !strings.Contains(msg, c.want) || len(msg) > 400 {
				t.Errorf("error %q, want %q", msg, c.want)
			}
		})
	}
}

func TestHeaderLength(t *testing.T) {
	cases := []struct {
		length []byte
		want   string
	}{
		{[]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, "header length 18446744073709551615 is above the limit"},
		{[]byte{0xf8, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, "header length 18446744073709551608 is above the limit"},
		{[]byte{0, 0, 0, 0, 1, 0, 0, 0}, "header length 4294967296 is above the limit"},
		{[]byte{0x01, 0xe1, 0xf5, 0x05, 0, 0, 0, 0}, "header length 100000001 is above the limit"},
		{[]byte{0x00, 0xe1, 0xf5, 0x05, 0, 0, 0, 0}, "header length is 100000000, and only 2 bytes follow"},
		{[]byte{3, 0, 0, 0, 0, 0, 0, 0}, "header length is 3, and only 2 bytes follow"},
		{[]byte{1, 0, 0, 0, 0, 0, 0, 0}, "text ends too early"},
		{[]byte{0, 0, 0, 0, 0, 0, 0, 0}, "no text"},
	}
	for _, c := range cases {
		_, err := Parse(append(c.length, "{}"...))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("% x: error %v, want %q", c.length, err, c.want)
		}
	}
}

// TestUnusualButRight holds headers that are within the format.
func TestUnusualButRight(t *testing.T) {
	for _, header := range []string{
		"{\n\t" + byteTensor + "\r\n}   ",
		`{"__metadata__":{"pair":"\ud83d\ude00","plain":"\\ud800","nul":"\u0000","k":"😀�"},` + byteTensor + "}",
		"{" + strings.Replace(byteTensor, `"a"`, `"__meta__ äöü 日本"`, 1) + "}",
		"{" + strings.Replace(byteTensor, `[1]`, "[ 1 , 1 ]", 1) + "}",
		"{" + byteTensor + `,"z":{"dtype":"F64","shape":[3,0],"data_offsets":[1,1]}}`,
		"{" + byteTensor + `,"z":{"dtype":"F64","shape":[0],"data_offsets":[0,0]}}`,
	} {
		if _, err := Parse(container(header, 7)); err != nil {
			t.Errorf("%s: %v", header, err)
		}
	}
}

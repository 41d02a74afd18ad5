package data

import (
	"reflect"
	"strconv"
	"strings"
	"testing"
)

// lineCases are lines that parsers differ on, or that people write by mistake.
// An empty refusal stands for an accepted line.
var lineCases = []struct {
	name    string
	line    string
	want    Row
	refusal string
}{
	{"all keys", `{"id":"7","image":"a.jpg","label":"cat","mask":"a.png","rationales":["r","s"],"attributes":["b"],` +
		`"source":"here","colour":"red","position":"left","mask_fraction":0.25}`,
		Row{ID: "7", Image: "a.jpg", Label: "cat", Mask: "a.png", Rationales: []string{"r", "s"}, Attributes: []string{"b"},
			Source: "here", Colour: "red", Position: "left", MaskFraction: 0.25}, ""},
	{"image alone", `{"image":"a"}`, Row{Image: "a"}, ""},
	{"space everywhere", " \t{ \"image\" \t:\r \"a\" , \"label\" : \"b\" } \r\t ", Row{Image: "a", Label: "b"}, ""},
	{"carriage return at the end", "{\"image\":\"a\"}\r", Row{Image: "a"}, ""},
	{"nulls are missing", `{"image":"a","label":null,"rationales":null,"mask_fraction":null}`, Row{Image: "a"}, ""},
	{"empty list", `{"image":"a","rationales":[]}`, Row{Image: "a", Rationales: []string{}}, ""},
	{"list with space", `{"image":"a","rationales":[ "x" , "y" ]}`, Row{Image: "a", Rationales: []string{"x", "y"}}, ""},
	{"no image", `{"label":"cat"}`, Row{}, `"image" is missing`},
	{"no keys", `{}`, Row{}, `"image" is missing`},
	{"empty image", `{"image":""}`, Row{}, `"image" is missing or empty`},
	{"null image", `{"image":null}`, Row{}, `"image" is missing or empty`},

	{"short escapes", `{"image":"\"\\\/\b\f\n\r\t"}`, Row{Image: "\"\\/\b\f\n\r\t"}, ""},
	{"escape at the end of text", `{"image":"a\\"}`, Row{Image: `a\`}, ""},
	{"escaped quote before a brace", `{"image":"a\"}"}`, Row{Image: `a"}`}, ""},
	{"even run of backslashes", `{"image":"` + strings.Repeat(`\`, 64) + `"}`, Row{Image: strings.Repeat(`\`, 32)}, ""},
	{"odd run of backslashes", `{"image":"` + strings.Repeat(`\`, 65) + `"}`, Row{}, "not a JSON object"},
	{"unicode escapes", `{"image":"\u00e9\u20AC\u0000"}`, Row{Image: "é€\x00"}, ""},
	{"escaped key", `{"im\u0061ge":"a"}`, Row{Image: "a"}, ""},
	{"surrogate pair", `{"image":"\ud83D\uDe00"}`, Row{Image: "😀"}, ""},
	{"high surrogate alone", `{"image":"\ud83d"}`, Row{}, `\ud83d is half of a surrogate pair`},
	{"high surrogate before text", `{"image":"\ud83dxu0000"}`, Row{}, `\ud83d is half`},
	{"two high surrogates", `{"image":"\ud83d\ud83d"}`, Row{}, `\ud83d is half`},
	{"low surrogate alone", `{"image":"\ude00"}`, Row{}, `\ude00 is half`},
	{"pair in the wrong order", `{"image":"\ude00\ud83d"}`, Row{}, `\ude00 is half`},
	{"half a pair under an unknown key", `{"image":"a","x":["\ud83d"]}`, Row{}, `\ud83d is half`},
	{"no escape but a backslash", `{"image":"\\ud83d"}`, Row{Image: `\ud83d`}, ""},
	{"top-level half pair", `"\ud83d"`, Row{}, `\ud83d is half`},
	{"unknown escape", `{"image":"\x61"}`, Row{}, "not a JSON object: byte 12: invalid character 'x'"},
	{"bad hexadecimal digit", `{"image":"\u00g0"}`, Row{}, "not a JSON object"},
	{"short unicode escape", `{"image":"\u12"}`, Row{}, "not a JSON object"},
	{"text beyond ASCII", `{"image":"日本/é😀.jpg"}`, Row{Image: "日本/é😀.jpg"}, ""},
	{"replacement character", `{"image":"` + "\uFFFD" + `"}`, Row{Image: "\uFFFD"}, ""},
	{"delete character", "{\"image\":\"\x7f\"}", Row{Image: "\x7f"}, ""},

	{"key twice", `{"image":"a","image":"a"}`, Row{}, `"image" occurs twice`},
	{"key twice, once escaped", `{"image":"a","im\u0061ge":"a"}`, Row{}, `"image" occurs twice`},
	{"key twice, once null", `{"image":null,"image":"a"}`, Row{}, `"image" occurs twice`},
	{"unknown key twice", `{"x":1,"image":"a","x":2}`, Row{Image: "a"}, ""},
	{"key in other case", `{"image":"a","Label":"b","IMAGE":7}`, Row{Image: "a"}, ""},
	{"empty key", `{"":0,"image":"a"}`, Row{Image: "a"}, ""},
	{"unknown values", `{"a":[1,{"image":"x"},[]],"b":{"label":3},"c":true,"d":null,"e":-1.5e3,"image":"a"}`, Row{Image: "a"}, ""},
	{"known key further down", `{"image":"a","x":{"label":"no","label":"no"}}`, Row{Image: "a"}, ""},
	{"deep nesting", `{"image":"a","x":` + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + `}`, Row{Image: "a"}, ""},
	{"too deep nesting", `{"image":"a","x":` + strings.Repeat("[", 10000) + strings.Repeat("]", 10000) + `}`, Row{}, "max depth"},

	{"label is a number", `{"image":"a","label":3}`, Row{}, `"label" is a number, want text`},
	{"label is negative", `{"image":"a","label":-3}`, Row{}, `"label" is a number, want text`},
	{"label is a truth value", `{"image":"a","label":false}`, Row{}, `"label" is true or false, want text`},
	{"label is a list", `{"image":"a","label":["b"]}`, Row{}, `"label" is a list, want text`},
	{"label is an object", `{"image":"a","label":{}}`, Row{}, `"label" is an object, want text`},
	{"rationales is text", `{"image":"a","rationales":"b"}`, Row{}, `"rationales" is text, want a list of text`},
	{"rationales holds a number", `{"image":"a","rationales":["b",2]}`, Row{}, `"rationales" holds a number, want text`},
	{"rationales holds null", `{"image":"a","rationales":[null]}`, Row{}, `"rationales" holds null, want text`},
	{"rationales holds a list", `{"image":"a","rationales":[["b"]]}`, Row{}, `"rationales" holds a list, want text`},
	{"fraction is text", `{"image":"a","mask_fraction":"0.5"}`, Row{}, `"mask_fraction" is text, want a number`},
	{"fraction is true", `{"image":"a","mask_fraction":true}`, Row{}, `"mask_fraction" is true or false, want a number`},

	{"fraction one", `{"image":"a","mask_fraction":1}`, Row{Image: "a", MaskFraction: 1}, ""},
	{"fraction with exponent", `{"image":"a","mask_fraction":25E-2}`, Row{Image: "a", MaskFraction: 0.25}, ""},
	{"fraction rounded", `{"image":"a","mask_fraction":0.1000000000000000055511151231257827021181583404541015625}`,
		Row{Image: "a", MaskFraction: 0.1}, ""},
	{"fraction minus zero", `{"image":"a","mask_fraction":-0}`, Row{Image: "a"}, ""},
	{"fraction below float64", `{"image":"a","mask_fraction":1e-999}`, Row{Image: "a"}, ""},
	{"fraction beyond float64", `{"image":"a","mask_fraction":1e999}`, Row{}, `"mask_fraction" is beyond the range of float64`},
	{"fraction beyond 1", `{"image":"a","mask_fraction":18446744073709551616}`, Row{}, `want a number from 0 to 1`},
	{"fraction below 0", `{"image":"a","mask_fraction":-0.5}`, Row{}, `"mask_fraction" is -0.5, want a number from 0 to 1`},
	{"unknown number beyond float64", `{"image":"a","x":1e999}`, Row{Image: "a"}, ""},
	{"unknown number, many digits", `{"image":"a","x":-` + strings.Repeat("9", 400) + `}`, Row{Image: "a"}, ""},

	{"leading zero", `{"image":"a","x":01}`, Row{}, "not a JSON object"},
	{"leading zero, negative", `{"image":"a","x":-01}`, Row{}, "not a JSON object"},
	{"leading zero, negative, fraction", `{"image":"a","x":-01.5}`, Row{}, "not a JSON object"},
	{"leading zeros, negative, long", `{"image":"a","x":-0000000000000000000001}`, Row{}, "not a JSON object"},
	{"plus sign", `{"image":"a","x":+1}`, Row{}, "not a JSON object"},
	{"no digit before the point", `{"image":"a","x":.5}`, Row{}, "not a JSON object"},
	{"no digit behind the point", `{"image":"a","x":1.}`, Row{}, "not a JSON object"},
	{"no digit in the exponent", `{"image":"a","x":1e}`, Row{}, "not a JSON object"},
	{"lone minus", `{"image":"a","x":-}`, Row{}, "not a JSON object"},
	{"hexadecimal", `{"image":"a","x":0x10}`, Row{}, "not a JSON object"},
	{"underscore", `{"image":"a","x":1_0}`, Row{}, "not a JSON object"},
	{"NaN", `{"image":"a","mask_fraction":NaN}`, Row{}, "not a JSON object"},
	{"Infinity", `{"image":"a","x":-Infinity}`, Row{}, "not a JSON object"},
	{"two numbers", `{"image":"a","x":1 2}`, Row{}, "not a JSON object"},
	{"misspelt true", `{"image":"a","x":truE}`, Row{}, "not a JSON object"},
	{"longer than true", `{"image":"a","x":trues}`, Row{}, "not a JSON object"},

	{"trailing comma", `{"image":"a",}`, Row{}, "not a JSON object"},
	{"trailing comma in a list", `{"image":"a","rationales":["b",]}`, Row{}, "not a JSON object"},
	{"leading comma", `{,"image":"a"}`, Row{}, "not a JSON object"},
	{"two commas", `{"image":"a",,"x":1}`, Row{}, "not a JSON object"},
	{"no comma", `{"image":"a" "x":1}`, Row{}, "not a JSON object"},
	{"no colon", `{"image" "a"}`, Row{}, "not a JSON object"},
	{"no value", `{"image":}`, Row{}, "not a JSON object"},
	{"bare key", `{image:"a"}`, Row{}, "not a JSON object"},
	{"single quotes", `{'image':'a'}`, Row{}, "not a JSON object"},
	{"comment", `{"image":"a"/*x*/}`, Row{}, "not a JSON object"},
	{"unclosed object", `{"image":"a"`, Row{}, "not a JSON object: byte 12: unexpected end"},
	{"unclosed text", `{"image":"a}`, Row{}, "not a JSON object"},
	{"unclosed list", `{"image":"a","x":[}`, Row{}, "not a JSON object"},
	{"crossed brackets", `{"image":"a","x":[{]}}`, Row{}, "not a JSON object"},
	{"object alone in a list", `[{"image":"a"}]`, Row{}, "the line is a list, want an object"},
	{"text alone", `"image"`, Row{}, "the line is text, want an object"},
	{"number alone", `7`, Row{}, "the line is a number, want an object"},
	{"null alone", `null`, Row{}, "the line is null, want an object"},
	{"start of a list over many lines", `[`, Row{}, "not a JSON object: byte 1: unexpected end"},
	{"two objects", `{"image":"a"}{"image":"b"}`, Row{}, "not a JSON object"},
	{"two objects with space", `{"image":"a"} {"image":"b"}`, Row{}, "not a JSON object"},
	{"trailing brace", `{"image":"a"}}`, Row{}, "not a JSON object"},
	{"trailing text", `{"image":"a"} x`, Row{}, "not a JSON object"},
	{"trailing form feed", "{\"image\":\"a\"}\f", Row{}, "not a JSON object"},
	{"leading no-break space", "\u00a0{\"image\":\"a\"}", Row{}, "not a JSON object"},
	{"no-break space inside", "{\u00a0\"image\":\"a\"}", Row{}, "not a JSON object"},
	{"byte order mark twice", "\uFEFF{\"image\":\"a\"}", Row{}, "not a JSON object"},

	{"zero byte behind true", "{\"image\":\"a\",\"x\":true\x00}", Row{}, "not a JSON object"},
	{"zero byte behind null", "{\"image\":\"a\",\"label\":null\x00}", Row{}, "not a JSON object"},
	{"zero byte in text", "{\"image\":\"a\x00\"}", Row{}, "not a JSON object"},
	{"zero byte at the end", "{\"image\":\"a\"}\x00", Row{}, "not a JSON object"},
	{"tab in text", "{\"image\":\"a\tb\"}", Row{}, "not a JSON object"},
	{"control byte between", "{\"image\":\x01\"a\"}", Row{}, "not a JSON object"},
	{"invalid UTF-8 in text", "{\"image\":\"a\xff\"}", Row{}, "not valid UTF-8"},
	{"invalid UTF-8, overlong", "{\"image\":\"\xc0\xaf\"}", Row{}, "not valid UTF-8"},
	{"invalid UTF-8, surrogate", "{\"image\":\"\xed\xa0\x80\"}", Row{}, "not valid UTF-8"},
	{"invalid UTF-8, cut", "{\"image\":\"a\xe2\x82\"}", Row{}, "not valid UTF-8"},
	{"invalid UTF-8 outside text", "{\"image\":\"a\"}\x80", Row{}, "not valid UTF-8"},
}

func TestLines(t *testing.T) {
	decode := newDecoder()
	for _, c := range lineCases {
		t.Run(c.name, func(t *testing.T) {
			got, err := decode([]byte(c.line))
			if c.refusal != "" {
				if err == nil || !strings.Contains(err.Error(), c.refusal) {
					t.Fatalf("error %v, want one with %q", err, c.refusal)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, c.want) {
				t.Errorf("row %+v, want %+v", got, c.want)
			}
		})
	}
}

// Text of every length meets the vector loads at every offset.
func TestTextOfEveryLength(t *testing.T) {
	decode := newDecoder()
	for n := 1; n < 300; n++ {
		image := strings.Repeat("x", n)
		for _, line := range []string{
			`{"image":"` + image + `"}`,
			`{"label":"` + image + `","image":"` + image + `"}`,
			`{"label":"` + image + `\n","image":"` + image + `","mask_fraction":0.` + strconv.Itoa(n) + `}`,
		} {
			want, err := parseStd([]byte(line))
			if err != nil {
				t.Fatal(err)
			}
			got, err := decode([]byte(line))
			if err != nil || !reflect.DeepEqual(got, want) || got.Image != image {
				t.Fatalf("%s: row %+v and error %v, want %+v", line, got, err, want)
			}
		}
	}
}

// Where the parsers of this machine are two, they agree.
func checkAgreement(t *testing.T, fast func([]byte) (Row, bool), line []byte) {
	t.Helper()
	got, ok := fast(line)
	if !ok {
		return // encoding/json decides
	}
	want, err := parseStd(line)
	if err != nil {
		t.Fatalf("%q: simdjson reads %+v, encoding/json refuses: %v", line, got, err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("%q: simdjson reads %+v, encoding/json %+v", line, got, want)
	}
}

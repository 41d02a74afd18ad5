package textmetric

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// token matches one token of the Penn Treebank's rules, the longest forms first:
// numbers, initials, words, and runs of the marks that stay together.
var token = regexp.MustCompile(`\d+(?:[.,:]\d+)+|(?:\pL\.){2,}|\p{Lu}+&\p{Lu}+|[\pL\pN\pM]+(?:['’_/-][\pL\pN\pM]+)*|\.{2,}|-{2,}|[?!]+|` + "``|''" + `|\S`)

// clitic matches the ends that are tokens of their own.
var clitic = regexp.MustCompile(`^(.+)(n't|'s|'ll|'re|'ve|'d|'m)$`)

// abbreviations keep their full stop.
var abbreviations = set(`mr mrs ms dr prof rev gen col sgt capt lt gov sen rep hon jr sr st ave av rd blvd hwy ln mt ft
	etc vs inc ltd co corp bros dept est no jan feb mar apr jun jul aug sep sept oct nov dec mon tue wed thu fri sat`)

// capitalised are abbreviations only with a capital: small they are words, or short for nothing.
var capitalised = set("no mar jun jul sat co gen col rep hon sen mon wed fri est ms av ave ln mt ft")

// contractions are written as one word and counted as two.
var contractions = map[string][2]string{
	"cannot": {"can", "not"}, "gonna": {"gon", "na"}, "gotta": {"got", "ta"}, "wanna": {"wan", "na"},
	"gimme": {"gim", "me"}, "lemme": {"lem", "me"},
}

// dropped are the tokens that the COCO tools remove. Brackets are not among them:
// the tools list them in capitals, after the text has become lower case.
var dropped = set("'' ' `` ` . ? ! , : - -- ... ; \" ’ ‘ “ ” – — …")

// brackets are written as in the Treebank.
var brackets = map[string]string{"(": "-lrb-", ")": "-rrb-", "[": "-lsb-", "]": "-rsb-", "{": "-lcb-", "}": "-rcb-"}

func set(words string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		m[w] = true
	}
	return m
}

// Tokenize splits a sentence into words as the COCO caption tools do: by the rules
// of the Penn Treebank for English, in lower case, without punctuation.
func Tokenize(sentence string) []string {
	var words []string
	for len(sentence) > 0 {
		at := token.FindStringIndex(sentence)
		if at == nil {
			break
		}
		text := sentence[at[0]:at[1]]
		sentence = sentence[at[1]:]
		if keepsStop(text, sentence) {
			text += "."
			sentence = sentence[1:]
		}
		words = appendToken(words, strings.ToLower(text))
	}
	return words
}

// keepsStop reports whether the full stop behind a word is part of it: that of an
// abbreviation, or of any word before a mark that cannot follow a sentence.
func keepsStop(text, rest string) bool {
	first, size := utf8.DecodeRuneInString(text)
	if !strings.HasPrefix(rest, ".") || strings.HasPrefix(rest, "..") || !isLetter(first) {
		return false
	}
	if len(rest) > 1 && strings.ContainsRune(",;:", rune(rest[1])) {
		return true
	}
	lower := strings.ToLower(text)
	capital := text[:size] != lower[:min(size, len(lower))]
	if len(text) == size {
		return capital && text != "I"
	}
	return abbreviations[lower] && (capital || !capitalised[lower])
}

func isLetter(r rune) bool { return r >= utf8.RuneSelf || r|0x20 >= 'a' && r|0x20 <= 'z' }

func appendToken(words []string, text string) []string {
	if b, is := brackets[text]; is {
		return append(words, b)
	}
	if strings.Trim(text, ".") == "" || strings.Trim(text, "-") == "" || dropped[text] {
		return words
	}
	if parts, is := contractions[text]; is {
		return append(words, parts[0], parts[1])
	}
	plain := strings.ReplaceAll(text, "’", "'")
	if parts := clitic.FindStringSubmatch(plain); parts != nil {
		return append(words, parts[1], parts[2])
	}
	return append(words, plain)
}

package store

import (
	"strings"
	"unicode"
)

// The index of a store that has full-text search of words knows no words of
// Korean, where much of what people look for is within words. So a text is
// indexed by its pairs of characters, each as a word of ten hexadecimal digits,
// with the last character of each run by itself; and a query asks for them as
// phrases. What is found so has to be looked at with Query.Matches.

const hexDigits = "0123456789abcdef"

// Grams is text as it is to be indexed: words of hexadecimal digits, with
// blanks between.
func Grams(text []byte) string {
	var b strings.Builder
	runes := Fold(text)
	for i, r := range runes {
		if unicode.IsSpace(r) {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		writeGram(&b, r)
		if i+1 < len(runes) && !unicode.IsSpace(runes[i+1]) {
			writeGram(&b, runes[i+1])
		}
	}
	return b.String()
}

const gramDigits = 5 // of one character

func writeGram(b *strings.Builder, r rune) {
	for shift := 4 * (gramDigits - 1); shift >= 0; shift -= 4 {
		b.WriteByte(hexDigits[r>>shift&15])
	}
}

// Phrases is q for an index of Grams, in the syntax of FTS5
// (https://sqlite.org/fts5.html#full_text_query_syntax). It finds everything
// that q matches, and more. It is "" if q has no words.
func (q Query) Phrases() string {
	var all []string
	for i, word := range q.words {
		var ways []string
		if i == len(q.words)-1 {
			for _, e := range q.ends {
				ways = append(ways, e.phrases(word[:len(word)-1])...)
			}
		} else {
			ways = ending{first: only(word[len(word)-1])}.phrases(word[:len(word)-1])
		}
		all = append(all, "("+strings.Join(ways, " OR ")+")")
	}
	return strings.Join(all, " AND ")
}

// phrases are the ways to find word with e behind it: the pairs of word, then a
// pair that begins with its last character and goes on with one of e.first. A
// range of characters is asked for by the digits that they begin with.
func (e ending) phrases(word []rune) (ways []string) {
	var b strings.Builder
	b.WriteByte('"')
	for i := range word[:max(len(word)-1, 0)] {
		writeGram(&b, word[i])
		writeGram(&b, word[i+1])
		b.WriteByte(' ')
	}
	if len(word) > 0 {
		writeGram(&b, word[len(word)-1])
	}
	digits := 0
	for e.first.hi>>digits-e.first.lo>>digits >= 8 {
		digits += 4
	}
	for r := e.first.lo >> digits; r <= e.first.hi>>digits; r++ {
		var last strings.Builder
		writeGram(&last, r<<digits)
		ways = append(ways, b.String()+last.String()[:gramDigits-digits/4]+`"*`)
	}
	return ways
}

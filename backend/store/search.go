package store

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// The limits of a search, enforced with ErrInvalid.
const (
	MaxQuery = 400 // bytes of what is looked for
	MaxWords = 10  // words in it
)

// Finder finds messages by what they say.
type Finder interface {
	// Find returns up to n posts of room with Seq < before (0: from the
	// newest) that a Query of text matches, newest first; nothing that was
	// deleted, and of what was edited the last text alone. Fewer than n means
	// that there are no more, among the newest FindDepth messages at least.
	// Errors: ErrInvalid, ErrUnavailable.
	Find(ctx context.Context, room, text string, before int64, n int) ([]Post, error)
}

// FindDepth is how many messages of a room are looked through by a store that
// has no index.
const FindDepth = 5000

// Text is what is searched of a Body: what stands behind its first zero byte,
// or all of it if there is none. What stands before it is for the rules above.
func Text(body []byte) []byte {
	if i := bytes.IndexByte(body, 0); i >= 0 {
		return body[i+1:]
	}
	return body
}

// Fold makes texts that read the same equal: compatibility forms (NFKC), cases,
// and letters that are put together (Unicode, sections 3.11 and 5.18).
func Fold(text []byte) []rune {
	return []rune(string(norm.NFKC.Bytes(cases.Fold().Bytes(norm.NFKC.Bytes(text)))))
}

// FoldVersion changes when Fold may give another result than before.
const FoldVersion = "1." + norm.Version

// Query is what is looked for: words, each of which must stand in the text,
// also within a longer word. The last one may end in the midst of a syllable
// that is being typed.
type Query struct {
	words [][]rune
	ends  []ending // what the last word may end with
}

// ParseQuery reads a query. One without words matches nothing. It returns an
// error that wraps ErrInvalid if text is outside the limits.
func ParseQuery(text string) (Query, error) {
	if len(text) > MaxQuery {
		return Query{}, fmt.Errorf("%w: query of %d bytes", ErrInvalid, len(text))
	}
	var q Query
	for _, word := range strings.FieldsFunc(string(Fold([]byte(text))), unicode.IsSpace) {
		q.words = append(q.words, []rune(word))
	}
	if len(q.words) > MaxWords {
		return Query{}, fmt.Errorf("%w: query of %d words", ErrInvalid, len(q.words))
	}
	if n := len(q.words); n > 0 {
		last := q.words[n-1]
		q.ends = endings(last[len(last)-1])
	}
	return q, nil
}

// Matches tells whether the text of body has all the words.
func (q Query) Matches(body []byte) bool {
	if len(q.words) == 0 {
		return false
	}
	text := Fold(Text(body))
	for i, word := range q.words {
		ends := []ending{{first: only(word[len(word)-1])}}
		if i == len(q.words)-1 {
			ends = q.ends
		}
		if !has(text, word[:len(word)-1], ends) {
			return false
		}
	}
	return true
}

// has tells whether text has word with one of ends behind it.
func has(text, word []rune, ends []ending) bool {
	for i := 0; i+len(word) < len(text); i++ {
		if string(text[i:i+len(word)]) != string(word) {
			continue
		}
		for _, e := range ends {
			if e.matches(text[i+len(word):]) {
				return true
			}
		}
	}
	return false
}

// Package find tells whether a text has what somebody looks for, and where.
//
// It promises to find Hangul as people type it: any part of a word, since
// particles follow nouns without a blank; a last syllable that is not finished
// yet; and words by their initial consonants alone. Case, width and the form of
// the encoding make no difference. It is pure, and knows no Unicode tables but
// Go's: what needs larger ones is asked of whoever has them.
package find

import (
	"sort"
	"strings"
	"unicode"
)

// Normalize gives a string its compatibility form (NFKC). It is asked only for
// what is neither ASCII nor a whole Hangul syllable, one character at a time.
type Normalize func(string) string

// Query is what is looked for: words that all have to be there. The zero Query
// finds nothing. It is safe for concurrent use if its Normalize is.
type Query struct {
	words     [][]rune
	normalize Normalize
	wide      bool
}

// Parse reads what somebody typed, be it half a word. A nil normalize leaves
// characters as they are.
func Parse(text string, normalize Normalize) Query {
	q := Query{normalize: normalize}
	var word []rune
	for _, c := range fold(text, normalize) {
		if c.r == ' ' {
			if len(word) > 0 {
				q.words = append(q.words, word)
			}
			word = nil
			continue
		}
		word = append(word, apart(c.r)...)
	}
	if len(word) > 0 {
		q.words = append(q.words, word)
	}
	return q
}

// Phrase reads what somebody typed as one, blanks and all.
func Phrase(text string) Query {
	var q Query
	var word []rune
	for _, c := range fold(text, nil) {
		word = append(word, apart(c.r)...)
	}
	if len(word) > 0 {
		q.words = [][]rune{word}
	}
	return q
}

// Empty tells that there is nothing to look for.
func (q Query) Empty() bool { return len(q.words) == 0 }

// Wider also takes the last consonant of a word for the beginning of the next
// syllable, as it is while one types on: 간 finds 가나. It finds more that was
// not meant, so it is for when nothing else was found.
func (q Query) Wider() Query {
	q.wide = true
	return q
}

// Span is a part of a text that was found, in bytes.
type Span struct{ From, To int }

// Match tells whether a text has all words, and returns where: in order, and
// without overlaps.
func (q Query) Match(text string) (spans []Span, ok bool) {
	if q.Empty() {
		return nil, false
	}
	cells := fold(text, q.normalize)
	for _, word := range q.words {
		found := false
		for i := 0; i < len(cells); i++ {
			if n := q.at(cells[i:], word); n > 0 {
				spans = append(spans, Span{cells[i].from, cells[i+n-1].to})
				found, i = true, i+n-1
			}
		}
		if !found {
			return nil, false
		}
	}
	return merged(spans), true
}

// at returns how many cells a word takes at their beginning, 0 if it isn't there.
func (q Query) at(cells []cell, word []rune) int {
	if len(cells) < len(word) {
		return 0
	}
	last := len(word) - 1
	for i, r := range word[:last] {
		if !same(cells[i].r, r) {
			return 0
		}
	}
	if n := q.ends(cells[last:], word[last]); n > 0 {
		return last + n
	}
	return 0
}

// ends returns how many cells the last character of a word takes. A syllable
// may be on its way to another one: 으 to 의, 호 to 회.
func (q Query) ends(cells []cell, r rune) int {
	if same(cells[0].r, r) {
		return 1
	}
	if !syllable(r) || !syllable(cells[0].r) {
		return 0
	}
	typed, there := strokes(r), strokes(cells[0].r)
	if strings.HasPrefix(there, typed) {
		return 1
	}
	if q.wide && len(cells) > 1 && strings.HasPrefix(typed, there) &&
		strings.HasPrefix(there+strokes(cells[1].r), typed) {
		return 2
	}
	return 0
}

// same tells whether a character of the text is the one of a word, or begins
// with it: ㅎ stands for every syllable with that initial.
func same(there, r rune) bool {
	return there == r || syllable(there) && initial(there) == r
}

func merged(spans []Span) []Span {
	sort.Slice(spans, func(i, j int) bool { return spans[i].From < spans[j].From }) // one for all types is smaller than slices
	out := spans[:0]
	for _, s := range spans {
		if n := len(out); n > 0 && s.From <= out[n-1].To {
			out[n-1].To = max(out[n-1].To, s.To)
			continue
		}
		out = append(out, s)
	}
	return out
}

// cell is one character as it is compared, and where it stands in the text.
type cell struct {
	r        rune
	from, to int
}

// fold makes a text comparable: composed, in one case, blanks as one kind,
// without what is not seen.
func fold(text string, normalize Normalize) []cell {
	cells := make([]cell, 0, len(text))
	for from := 0; from < len(text); {
		to := clusterEnd(text, from)
		cluster := text[from:to]
		if normalize != nil && !plain(cluster) {
			cluster = normalize(cluster)
		}
		for _, r := range cluster {
			if unseen(r) {
				continue
			}
			cells = join(cells, cell{folded(r), from, to})
		}
		from = to
	}
	for i := range cells {
		cells[i].r = standalone(cells[i].r)
	}
	return cells
}

// clusterEnd returns where a character ends with the marks that belong to it.
func clusterEnd(text string, from int) int {
	first := true
	for i, r := range text[from:] {
		if !first && !unicode.Is(unicode.M, r) && r != 0xff9e && r != 0xff9f { // half-width kana carry their marks as letters
			return from + i
		}
		first = false
	}
	return len(text)
}

// plain tells that a character is normal as it is.
func plain(cluster string) bool {
	var one rune
	for i, r := range cluster {
		if i > 0 {
			return false
		}
		one = r
	}
	switch {
	case one < 0x80, syllable(one), one >= 0x3131 && one <= 0x3163, one >= 0x4e00 && one <= 0x9fff, one >= 0x1f000:
		return true
	}
	return jamo(one)
}

// unseen tells what is drawn as nothing.
func unseen(r rune) bool {
	return r == 0xad || r >= 0x200b && r <= 0x200f || r >= 0x2060 && r <= 0x2064 || r == 0xfeff || r >= 0xfe00 && r <= 0xfe0f
}

// folded gives a character the one form that all its cases share.
func folded(r rune) rune {
	switch {
	case r < 0x80:
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		if unicode.IsSpace(r) {
			return ' '
		}
		return r
	case unicode.IsSpace(r):
		return ' '
	case syllable(r):
		return r
	}
	least := r
	for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
		least = min(least, next)
	}
	if least < 0x80 {
		return folded(least)
	}
	return least
}

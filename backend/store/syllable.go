package store

// span is a range of characters, both ends included.
type span struct{ lo, hi rune }

func only(r rune) span { return span{r, r} }

func (s span) has(r rune) bool { return s.lo <= r && r <= s.hi }

// ending is one way in which a word may go on: with a character of first, and
// one of second behind it if there is any.
type ending struct{ first, second span }

func (e ending) matches(text []rune) bool {
	if !e.first.has(text[0]) {
		return false
	}
	return e.second == span{} || len(text) > 1 && e.second.has(text[1])
}

// Hangul syllables stand in the order of their letters (Unicode, section 3.12):
// a leading consonant, a vowel, and a trailing consonant or none.
const (
	syllables = 0xac00
	leads     = 0x1100
	nLeads    = 19
	nVowels   = 21
	nTrails   = 28
)

// What an input method makes of a vowel, and of a trailing consonant, when one
// more letter is typed.
var (
	vowelsOf = map[rune][]rune{8: {9, 10, 11}, 13: {14, 15, 16}, 18: {19}}
	trailsOf = map[rune][]rune{1: {2, 3}, 4: {5, 6}, 8: {9, 10, 11, 12, 13, 14, 15}, 17: {18}}
)

// splitTrail tells what is left of a trailing consonant, and which leading one
// the next syllable has, when a vowel is typed behind it.
var splitTrail = map[rune]struct{ left, lead rune }{
	1: {0, 0}, 2: {0, 1}, 3: {1, 9}, 4: {0, 2}, 5: {4, 12}, 6: {4, 18}, 7: {0, 3}, 8: {0, 5}, 9: {8, 0}, 10: {8, 6},
	11: {8, 7}, 12: {8, 9}, 13: {8, 16}, 14: {8, 17}, 15: {8, 18}, 16: {0, 6}, 17: {0, 7}, 18: {17, 9}, 19: {0, 9},
	20: {0, 10}, 21: {0, 11}, 22: {0, 12}, 23: {0, 14}, 24: {0, 15}, 25: {0, 16}, 26: {0, 17}, 27: {0, 18},
}

// endings are what the last character of a word that is being typed may become:
// itself, and if it is of Hangul the syllables that begin with it.
func endings(r rune) []ending {
	out := []ending{{first: only(r)}}
	if r >= leads && r < leads+nLeads {
		return append(out, ending{first: ledBy(r - leads)})
	}
	n := r - syllables
	if n < 0 || n >= nLeads*nVowels*nTrails {
		return out
	}
	vowel, trail := n/nTrails%nVowels, n%nTrails
	open := r - trail // without a trailing consonant
	if trail == 0 {
		out[0].first.hi = r + nTrails - 1
		for _, v := range vowelsOf[vowel] {
			first := open + (v-vowel)*nTrails
			out = append(out, ending{first: span{first, first + nTrails - 1}})
		}
		return out
	}
	for _, t := range trailsOf[trail] {
		out = append(out, ending{first: only(open + t)})
	}
	split := splitTrail[trail]
	return append(out, ending{only(open + split.left), ledBy(split.lead)})
}

// ledBy is the syllables with a leading consonant.
func ledBy(lead rune) span {
	first := syllables + lead*nVowels*nTrails
	return span{first, first + nVowels*nTrails - 1}
}
